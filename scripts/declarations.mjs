/**
 * Writes the declarations of a published package. All of them are CommonJS declarations, below
 * `lib/types`, and an entry point's `.d.ts` and `.d.cts` hand them on: so a `Policy` is one type,
 * whether a program got it through `import` or `require`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

const RELATIVE = /(['"])(\.{1,2}\/[^'"\n]+)\.js\1/g

export async function writeDeclarations(folder, entries) {
  const dist = join(folder, 'dist')
  const lib = join(folder, 'lib')
  for (const file of reachable(Object.values(entries).map(declarationOf))) {
    const target = join(lib, 'types', relative(dist, file)).replace(/\.d\.ts$/, '.d.cts')
    write(target, readFileSync(file, 'utf8').replace(RELATIVE, '$1$2.cjs$1'))
  }
  for (const [name, path] of Object.entries(entries)) {
    const inner = relative(dist, path).replace(/\.js$/, '.cjs').split(sep).join('/')
    const from = `from './${'../'.repeat(name.split('/').length - 1)}types/${inner}'`
    const twin = await nameOfDefault(join(lib, `${name}.js`))
    const all = `export * ${from}\n`
    // What an ES module imports as the default of a CommonJS module is all of its exports.
    write(join(lib, `${name}.d.ts`), twin ? `${all}export { ${twin} as default } ${from}\n` : all)
    write(join(lib, `${name}.d.cts`), twin ? `${all}export { default } ${from}\n` : all)
  }
}

const declarationOf = (path) => path.replace(/\.js$/, '.d.ts')

/** The files and those that they name, and so on: what is left of deleted sources is not published. */
function reachable(files) {
  const seen = new Set()
  const left = [...files]
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    for (const [, , path] of readFileSync(file, 'utf8').matchAll(RELATIVE)) {
      left.push(join(dirname(file), `${path}.d.ts`))
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
