/**
 * Imports each program that the command line names, after putting on the global object what
 * `atHand` of the first gives, and writes what failed as JSON: `[{ file, error }]`.
 */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [results = '', context = '', ...files] = process.argv.slice(2)
const failed: { file: string; error: string }[] = []
let running = context

function note(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  failed.push({ file: running, error: text })
}

process.on('uncaughtException', note)
process.on('unhandledRejection', note)
// Where a program waits for ever, the last name says which.
process.on('exit', () => writeFileSync(results, JSON.stringify({ running, failed })))

const { atHand } = await import(pathToFileURL(context).href)
for (const file of files) {
  running = file
  try {
    Object.assign(globalThis, atHand())
    await import(pathToFileURL(file).href)
    await new Promise((resolve) => setTimeout(resolve, 20))
  } catch (error) {
    note(error)
  }
}
running = ''
process.exit(0)
