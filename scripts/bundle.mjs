/**
 * Writes what is published of a package: one file of JavaScript for each entry point, and one for
 * what several of them share. Node takes about half a millisecond for each file that it loads, so a
 * hundred of them would take as long as the framework they are for.
 *
 *   node scripts/bundle.mjs packages/ip packages/identity
 *
 * Every package does this for itself before it is packed (`prepack`), from what the compiler wrote.
 * Dependencies, other packages of this workspace among them, stay imports: two copies of a class
 * would be two classes. What is private to the workspace is bundled in.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'

const BUNDLED = ['@truehop/options']

async function bundle(folder) {
  const input = entries(folder)
  const build = await rolldown({
    input,
    external: (specifier) => /^[@a-z]/.test(specifier) && !BUNDLED.includes(specifier),
    plugins: [importEntries(input), asciiOnly],
    platform: 'node',
    onwarn({ message }) {
      throw new Error(`${folder}: ${message}`)
    },
  })
  await build.write({
    dir: join(folder, 'lib'),
    cleanDir: true,
    format: 'esm',
    chunkFileNames: '[name].js',
    codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] },
    // Names and lines stay, so that a stack trace can be read. Comments are in the declarations.
    comments: false,
  })
  await build.close()
}

/** `{ wire: '…/dist/wire/index.js' }` for what the manifest publishes as `./lib/wire.js`. */
function entries(folder) {
  const { exports, publishConfig } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const published = Object.entries(publishConfig.exports).filter(([, entry]) => entry.default)
  return Object.fromEntries(
    published.map(([name, entry]) => [
      entry.default.replace('./lib/', '').replace('.js', ''),
      join(folder, exports[name].default),
    ]),
  )
}

/** An entry imports another one as it is; rolldown would put both before a third file. */
function importEntries(input) {
  const files = new Map(Object.entries(input).map(([name, path]) => [path, `./${name}.js`]))
  return {
    name: 'import-entries',
    resolveId(specifier, importer) {
      if (importer === undefined || !specifier.startsWith('.')) return null
      const file = files.get(resolve(importer, '..', specifier))
      return file === undefined ? null : { id: file, external: true }
    },
  }
}

/** One character beyond Latin-1, and Node keeps and scans the whole file at two bytes a character. */
const asciiOnly = {
  name: 'ascii-only',
  renderChunk: (code) =>
    code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
}

for (const folder of process.argv.slice(2)) await bundle(resolve(folder))
