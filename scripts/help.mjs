/** `--help` of the scripts: what each says of itself on top. They import this before anything else. */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'

const asked = process.argv.slice(2).some((word) => word === '--help' || word === '-h')
const script = process.argv[1] ?? ''
// Some are also imported, by suites and by each other: their caller's arguments are none of theirs.
if (asked && dirname(script) === import.meta.dirname) {
  console.log(helpIn(readFileSync(pathToFileURL(script), 'utf8')))
  process.exit(0)
}

/**
 * The comment that the source begins with, without its marks.
 *
 * @param {string} source
 */
function helpIn(source) {
  const [block = ''] = /^(?:\/\*\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(source) ?? []
  return block.replaceAll(/^(?:\/\*\*| \*\/| \*|\/\/) ?|\*\/$/gm, '').trim()
}
