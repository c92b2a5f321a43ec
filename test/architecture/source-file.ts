import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** One import or re-export, as written. */
export interface Import {
  readonly specifier: string
  /** `import type` and `export type` leave nothing behind in the JavaScript. */
  readonly typeOnly: boolean
}

/** A TypeScript file of the workspace, with what the rules look at. */
export interface SourceFile {
  /** From the top of the workspace: `packages/ip/src/address/address.ts`. */
  readonly path: string
  readonly text: string
  /** The text without its comments. */
  readonly code: string
  readonly imports: readonly Import[]
}

export const packages: readonly string[] = readdirSync(join(root, 'packages')).sort()

export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports: Readonly<Record<string, string | EntryPoint>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** The files that the compiler writes for an entry point. */
interface EntryPoint {
  readonly types: string
  readonly default: string
}

export function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
}

export const manifestOf = (name: string): Manifest => manifestIn(`packages/${name}`)

/** All TypeScript files under a folder, in the order of their paths. */
export function sourcesUnder(folder: string): SourceFile[] {
  return filesUnder(join(root, folder))
    .filter((file) => file.endsWith('.ts'))
    .map(read)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** What is installed or written by a build is not looked into: it may be written anew just now. */
const NOT_OURS = ['node_modules', 'dist', 'lib']

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return NOT_OURS.includes(entry.name) ? [] : filesUnder(path)
    return entry.isFile() ? [path] : []
  })
}

export const sourcesOf = (name: string): SourceFile[] => sourcesUnder(`packages/${name}/src`)

function read(file: string): SourceFile {
  return parseSource(relative(root, file), readFileSync(file, 'utf8'))
}

export function parseSource(path: string, text: string): SourceFile {
  const code = withoutComments(text)
  return { path, text, code, imports: importsIn(code) }
}

const STRING_OR_COMMENT =
  /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g

/** Comments become as many line breaks as they had. */
function withoutComments(text: string): string {
  return text.replace(STRING_OR_COMMENT, (match, string?: string) =>
    string === undefined ? match.replace(/[^\n]/g, '') : string,
  )
}

const IMPORT =
  /^\s*(?:import|export)\b(?<type>\s+type\b)?[^'"`;=]*?\bfrom\s*['"](?<from>[^'"]+)['"]|^\s*import\s*['"](?<bare>[^'"]+)['"]|\bimport\(\s*['"](?<lazy>[^'"]+)['"]|\brequire\(\s*['"](?<required>[^'"]+)['"]/gm

function importsIn(code: string): Import[] {
  return [...code.matchAll(IMPORT)].map(({ groups = {} }) => ({
    specifier: groups['from'] ?? groups['bare'] ?? groups['lazy'] ?? groups['required'] ?? '',
    typeOnly: groups['type'] !== undefined,
  }))
}

/**
 * The files that a file loads when it runs, itself included: relative imports and those of
 * `@truehop/*`, followed to the end. Imports of anything else are returned beside them.
 */
export function reachableFrom(path: string): { files: SourceFile[]; outside: string[] } {
  const files = new Map<string, SourceFile>()
  const outside: string[] = []
  const queue = [path]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (files.has(next)) continue
    const file = read(join(root, next))
    files.set(next, file)
    for (const { specifier, typeOnly } of file.imports) {
      if (typeOnly) continue
      const target = resolveInWorkspace(next, specifier)
      if (target === undefined) outside.push(`${next}: ${specifier}`)
      else queue.push(target)
    }
  }
  return { files: [...files.values()], outside }
}

function resolveInWorkspace(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(from), specifier.replace(/\.js$/, '.ts'))
  const [scope, name, ...rest] = specifier.split('/')
  if (scope !== '@truehop' || name === undefined) return undefined
  const entry = manifestOf(name).exports[['.', ...rest].join('/')]
  if (entry === undefined || typeof entry === 'string') return undefined
  return join('packages', name, entry.default.replace(/^\.\/dist/, 'src').replace(/\.js$/, '.ts'))
}

/** The package, of npm or of Node, that a specifier names; undefined for a relative one. */
export function packageNamed(specifier: string): string | undefined {
  if (specifier.startsWith('.')) return undefined
  if (specifier.startsWith('node:')) return 'node:'
  const [first = '', second = ''] = specifier.split('/')
  return first.startsWith('@') ? `${first}/${second}` : first
}
