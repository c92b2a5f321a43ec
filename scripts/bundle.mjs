/**
 * Writes what is published of a package into `lib`: for each entry point an ES module, a CommonJS
 * module and the declarations of both, and one file of each form for what several of them share. Node
 * takes about half a millisecond for each file that it loads, so a hundred of them would take as long
 * as the framework they are for. What the entry for adapters needs is a file of its own: every service
 * loads that, and few the rest, with the parser of policy files in it.
 *
 *   node scripts/bundle.mjs packages/ip packages/identity
 *
 * Every package does this for itself before it is packed (`prepack`), from what the compiler wrote.
 * Dependencies, other packages of this workspace among them, stay imports. What is private to the
 * workspace is bundled in.
 */
import './help.mjs'
import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { writeDeclarations } from './declarations.mjs'

const BUNDLED = ['@truehop/options', '@truehop/redis']

const FORMS = [
  { format: 'esm', extension: 'js', cleanDir: true },
  { format: 'cjs', extension: 'cjs', cleanDir: false },
]

async function bundle(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const input = entries(folder, manifest)
  const commands = programs(folder, manifest)
  const groups = await sharedFiles(input)
  for (const form of FORMS) {
    await write(folder, form.format === 'esm' ? { ...input, ...commands } : input, form, groups)
  }
  await writeDeclarations(folder, input)
}

const SHARED = { name: 'shared', minShareCount: 2 }

/** The files beside the entries: what is for adapters, if there is such an entry, and what else is shared. */
async function sharedFiles({ adapter, ...others }) {
  if (adapter === undefined) return [SHARED]
  const build = await rolldown({ input: { adapter }, external: isExternal, platform: 'node' })
  const { output } = await build.generate()
  await build.close()
  const entries = new Set([adapter, ...Object.values(others)])
  const needed = new Set(output.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : [])))
  const test = (id) => needed.has(id) && !entries.has(id)
  return [{ name: 'start', test, priority: 1, minShareCount: 2 }, SHARED]
}

function isExternal(specifier) {
  return /^[@a-z]/.test(specifier) && !BUNDLED.includes(specifier)
}

async function write(folder, input, { format, extension, cleanDir }, groups) {
  const build = await rolldown({
    input,
    external: isExternal,
    plugins: [importEntries(input, extension), asciiOnly],
    platform: 'node',
    onwarn({ message }) {
      throw new Error(`${folder}: ${message}`)
    },
  })
  await build.write({
    dir: join(folder, 'lib'),
    cleanDir,
    format,
    exports: 'named',
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `[name].${extension}`,
    codeSplitting: { groups },
    // `import()` in CommonJS would load the ES module of another package beside its CommonJS one.
    dynamicImportInCjs: false,
    // Names and lines stay, so that a stack trace can be read. Comments are in the declarations.
    comments: false,
  })
  await build.close()
}

/** `{ wire: '…/dist/wire/index.js' }` for what the manifest publishes as `./lib/wire.js`. */
function entries(folder, { exports, publishConfig }) {
  const published = Object.entries(publishConfig.exports).filter(([, entry]) => entry.import)
  return Object.fromEntries(
    published.map(([name, entry]) => [
      entry.import.default.replace('./lib/', '').replace('.js', ''),
      join(folder, exports[name].default),
    ]),
  )
}

/** The same for commands, which nobody loads with `require`. */
function programs(folder, { bin = {} }) {
  const paths = Object.values(bin)
  return Object.fromEntries(paths.map((path) => [basename(path, '.js'), join(folder, path)]))
}

/** An entry imports another one as it is; rolldown would put both before a third file. */
function importEntries(input, extension) {
  const files = new Map(
    Object.entries(input).map(([name, path]) => [path, `./${name}.${extension}`]),
  )
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
