/**
 * Writes what is published of a package into `lib`: for each entry point an ES module, a CommonJS
 * module and the declarations of both, and one file of each form for what several of them share. Node
 * takes about half a millisecond for each file that it loads, so a hundred of them would take as long
 * as the framework they are for. What the entry for adapters needs is a file of its own: every service
 * loads that, and few the rest, with the parser of policy files in it.
 *
 *     bundlers, Workers   x.js                        an ES module, whole
 *     require()           x.cjs ─┬─ shared.cjs
 *     import in Node      x.mjs ─┘  └╌╌ late.cjs      read when it is first asked for
 *
 * In Node, `import` gets the CommonJS files under a wrapper: Node loads them in half to three quarters
 * of the time that ES modules take, and there is one copy of everything in a process.
 *
 *   node scripts/bundle.mjs packages/ip packages/identity
 *
 * Every package does this for itself before it is packed (`prepack`), from what the compiler wrote.
 * Dependencies, other packages of this workspace among them, stay imports. What is private to the
 * workspace is bundled in, except that those who depend on `@truehop/ip` find there how options are
 * read: each copy would be read, compiled and warmed up for itself.
 */
import './help.mjs'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { writeDeclarations } from './declarations.mjs'
import { late, lateFiles } from './late.mjs'

const BUNDLED = ['@truehop/options', '@truehop/redis']

const ESM = { format: 'esm', extension: 'js', cleanDir: true }
const CJS = { format: 'cjs', extension: 'cjs', cleanDir: false }

async function bundle(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const input = entries(folder, manifest)
  const commands = programs(folder, manifest)
  const shared = '@truehop/ip' in (manifest.dependencies ?? {}) ? [sharedOptions] : []
  const whole = await sharedFiles(input, shared)
  await write(folder, { ...input, ...commands }, ESM, { groups: whole, shared })
  const split = { ...input, ...lateFiles(folder) }
  const groups = await sharedFiles(split, [importEntries(split, 'cjs'), ...shared])
  await write(folder, split, CJS, { groups, shared })
  for (const [name, path] of Object.entries(input)) await wrap(join(folder, 'lib'), name, path)
  await writeDeclarations(folder, input)
}

const SHARED = { name: 'shared', minShareCount: 2 }

/**
 * The files beside the entries: what runs without Node, if there is such an entry, then what else is
 * for adapters, and what else is shared.
 */
async function sharedFiles({ portable, adapter, ...others }, plugins) {
  const entries = new Set([portable, adapter, ...Object.values(others)])
  const group = async (name, entry, priority) => {
    if (entry === undefined) return []
    const needed = await modulesOf([entry], plugins)
    const test = (id) => needed.has(id) && !entries.has(id)
    return [{ name, test, priority, minShareCount: 2 }]
  }
  const [walk, start] = [await group('walk', portable, 2), await group('start', adapter, 1)]
  return [...walk, ...start, SHARED]
}

/** The files that entry points need of their package. */
async function modulesOf(input, plugins) {
  const build = await rolldown({ input, external: isExternal, plugins, platform: 'node' })
  const { output } = await build.generate()
  await build.close()
  return new Set(output.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : [])))
}

function isExternal(specifier) {
  return /^[@a-z]/.test(specifier) && !BUNDLED.includes(specifier)
}

async function write(folder, input, { format, extension, cleanDir }, { groups, shared }) {
  const build = await rolldown({
    input,
    external: isExternal,
    plugins: [
      ...shared,
      importEntries(input, extension),
      dataAsText,
      asciiOnly,
      format === 'esm' ? builtins : late,
    ],
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

/**
 * Writes what `import` loads in Node. Through a file of two lines in between, as Node would read all of
 * the entry for the names that it exports, and a bundler follows both.
 */
async function wrap(lib, name, path) {
  const names = Object.keys(await import(pathToFileURL(path).href))
  const exported = names.filter((each) => each !== 'default')
  const lines = [
    `import own from './${name}.node.cjs'`,
    `export const { ${exported.join(', ')} } = own`,
  ]
  if (names.includes('default')) lines.push('export default own.default')
  writeFileSync(join(lib, `${name}.mjs`), `${lines.join('\n')}\n`)
  const between = `const own = require('./${name}.cjs')\nmodule.exports = own\n`
  writeFileSync(join(lib, `${name}.node.cjs`), between)
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

const sharedOptions = {
  name: 'shared-options',
  resolveId: (specifier) =>
    specifier === '@truehop/options' ? { id: '@truehop/ip/internal', external: true } : null,
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

/** Folders of modules that are one object of plain data each. */
const DATA = /\/(?:platforms\/data|ranges\/snapshots)\/[^/]+\.js$/

/** Their objects as JSON, which V8 reads in less time than the same as an expression. */
const dataAsText = {
  name: 'data-as-text',
  async transform(code, id) {
    if (!DATA.test(id) || code.includes('import ')) return null
    const exported = Object.entries(await import(pathToFileURL(id).href))
    const constants = exported.map(([name, value]) => {
      const text = JSON.stringify(JSON.stringify(value))
      return `export const ${name} = /* @__PURE__ */ JSON.parse(${text});\n`
    })
    return { code: constants.join(''), map: null }
  },
}

/**
 * Node's modules as `require` gives them. An `import` of one makes a module of all that it exports, lazy
 * or not: that of `node:http` brings the client behind `fetch` with it, a fifth of what Fastify takes.
 */
const builtins = {
  name: 'builtins',
  renderChunk: (code) =>
    code.replace(/^import (.+) from "(node:[^"]+)";$/gm, (_, names, module) => {
      const bound = names.startsWith('* as ') ? names.slice(5) : names.replaceAll(' as ', ': ')
      return `const ${bound} = process.getBuiltinModule("${module}");`
    }),
}

for (const folder of process.argv.slice(2)) await bundle(resolve(folder))
