/**
 * Writes the declarations of a published package. All of them are CommonJS declarations, below
 * `lib/types`, and an entry point's `.d.ts` and `.d.cts` hand them on: so a `Policy` is one type,
 * whether a program got it through `import` or `require`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const RELATIVE = /(['"])(\.{1,2}\/[^'"\n]+)\.js\1/g

/** Private to the workspace: what the declarations name of it goes along, below `lib/types/<name>`. */
const BUNDLED = /(['"])@truehop\/(options|redis)\1/g
const PRIVATE = ['options', 'redis'].map((name) => ({
  name,
  dist: fileURLToPath(new URL(`../packages/${name}/dist`, import.meta.url)),
}))

export async function writeDeclarations(folder, entries) {
  const dist = join(folder, 'dist')
  const lib = join(folder, 'lib')
  for (const file of reachable(Object.values(entries).map(declarationOf))) {
    const target = targetOf(file, dist, lib)
    const from = (name) => {
      const path = slashes(relative(dirname(target), join(lib, `types/${name}/index.cjs`)))
      return path.startsWith('.') ? path : `./${path}`
    }
    const text = readFileSync(file, 'utf8').replace(RELATIVE, '$1$2.cjs$1')
    write(
      target,
      text.replace(BUNDLED, (_, quote, name) => `${quote}${from(name)}${quote}`),
    )
  }
  for (const [name, path] of Object.entries(entries)) {
    const inner = slashes(relative(dist, path).replace(/\.js$/, '.cjs'))
    const from = `from './${'../'.repeat(name.split('/').length - 1)}types/${inner}'`
    const twin = await nameOfDefault(join(lib, `${name}.js`))
    const all = `export * ${from}\n`
    // What an ES module imports as the default of a CommonJS module is all of its exports.
    write(join(lib, `${name}.d.ts`), twin ? `${all}export { ${twin} as default } ${from}\n` : all)
    write(join(lib, `${name}.d.cts`), twin ? `${all}export { default } ${from}\n` : all)
  }
}

const slashes = (path) => path.split(sep).join('/')

function targetOf(file, dist, lib) {
  const other = PRIVATE.find((each) => file.startsWith(each.dist + sep))
  const inner =
    other === undefined ? relative(dist, file) : join(other.name, relative(other.dist, file))
  return join(lib, 'types', inner).replace(/\.d\.ts$/, '.d.cts')
}

const declarationOf = (path) => path.replace(/\.js$/, '.d.ts')

/** The files and those that they name, and so on: what is left of deleted sources is not published. */
function reachable(files) {
  const seen = new Set()
  const left = [...files]
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, , path] of text.matchAll(RELATIVE)) left.push(join(dirname(file), `${path}.d.ts`))
    for (const [, , name] of text.matchAll(BUNDLED)) {
      const other = PRIVATE.find((each) => each.name === name)
      if (other !== undefined) left.push(join(other.dist, 'index.d.ts'))
    }
  }
  return seen
}

/** The name under which an entry point exports its default as well; undefined where it has none. */
async function nameOfDefault(path) {
  const { default: value, ...named } = await import(pathToFileURL(path).href)
  if (value === undefined) return undefined
  const name = Object.keys(named).find((key) => named[key] === value)
  if (name === undefined) throw new Error(`${path}: the default export has no name of its own`)
  return name
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
