/**
 * The dependencies that `pnpm-lock.yaml` (lock file version 9) names, without a YAML parser: pnpm writes
 * maps of one line a key, two blanks for each level.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const LINE = /^( *)(?:'([^']+)'|([^\s'][^:]*?)):(?: (.+))?$/

/** The file as nested maps; values in braces stay text. */
export function readLockFile(text = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')) {
  const top = new Map()
  const open = [top]
  for (const line of text.split('\n')) {
    const found = LINE.exec(line)
    if (found === null) continue
    const [, indent, quoted, plain, value] = found
    open.length = indent.length / 2 + 1
    const map = open.at(-1)
    const inner = new Map()
    const isMap = value === undefined || value === '{}'
    map.set(quoted ?? plain, isMap ? inner : value.replace(/^'(.*)'$/, '$1'))
    open.push(inner)
  }
  if (top.get('lockfileVersion') !== '9.0') throw new Error('pnpm-lock.yaml is not of version 9.0')
  return top
}

/** `name@1.2.3(peer@4.5.6)` without the peers. */
const withoutPeers = (key) => key.replace(/\(.*$/s, '')

/** Where a map of dependencies leads: keys of snapshots. Links lead to packages of this workspace. */
function targets(dependencies = new Map()) {
  return [...dependencies].flatMap(([name, entry]) => {
    const version = typeof entry === 'string' ? entry : entry.get('version')
    if (version.startsWith('link:')) return []
    // Another name for a package: the version is then a whole key.
    return [/^@?[^@(]+@/.test(version) ? version : `${name}@${version}`]
  })
}

/**
 * Every package of the lock file, sorted: name, version, checksum, what it needs, and whether a
 * published package needs it at run time.
 */
export function lockedPackages(lock = readLockFile()) {
  const snapshots = lock.get('snapshots')
  const needs = (key) => {
    const snapshot = snapshots.get(key) ?? new Map()
    return [
      ...targets(snapshot.get('dependencies')),
      ...targets(snapshot.get('optionalDependencies')),
    ]
  }
  const atRunTime = reachable(published(lock), needs)
  const found = new Map()
  for (const key of snapshots.keys()) {
    const id = withoutPeers(key)
    const at = id.lastIndexOf('@')
    const known = found.get(id) ?? { dependsOn: new Set(), runTime: false }
    for (const need of needs(key)) known.dependsOn.add(withoutPeers(need))
    found.set(id, {
      id,
      name: id.slice(0, at),
      version: id.slice(at + 1),
      integrity: /integrity: ([^,}]+)/.exec(lock.get('packages').get(id)?.get('resolution'))?.[1],
      dependsOn: known.dependsOn,
      runTime: known.runTime || atRunTime.has(key),
    })
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** What the manifests of the published packages name as dependencies; peers are the user's own. */
function published(lock) {
  return readdirSync(join(root, 'packages')).flatMap((folder) => {
    const manifest = readJson(join(root, 'packages', folder, 'package.json'))
    const importer = lock.get('importers').get(`packages/${folder}`)?.get('dependencies')
    if (manifest.private === true || importer === undefined) return []
    const own = new Set(Object.keys(manifest.dependencies ?? {}))
    return targets(new Map([...importer].filter(([name]) => own.has(name))))
  })
}

function reachable(keys, needs) {
  const seen = new Set()
  const left = [...keys]
  for (let key = left.pop(); key !== undefined; key = left.pop()) {
    if (seen.has(key)) continue
    seen.add(key)
    left.push(...needs(key))
  }
  return seen
}

/** The licence of every installed package by `name@version`, as its manifest names it. */
export function installedLicences() {
  const store = join(root, 'node_modules/.pnpm')
  const licences = new Map()
  for (const folder of readdirSync(store)) {
    for (const name of packagesIn(join(store, folder, 'node_modules'))) {
      const manifest = readJson(join(store, folder, 'node_modules', name, 'package.json'))
      const { license, licenses } = manifest ?? {}
      const named = license ?? licenses?.map(({ type }) => type).join(' OR ')
      if (manifest === undefined) continue
      const text = typeof named === 'string' ? named : named?.type
      licences.set(`${manifest.name}@${manifest.version}`, text ?? 'unknown')
    }
  }
  return licences
}

/** The packages that lie in a folder themselves; links lead to others. */
function packagesIn(folder) {
  return entries(folder).flatMap((entry) => {
    if (!entry.isDirectory()) return []
    if (!entry.name.startsWith('@')) return [entry.name]
    return entries(join(folder, entry.name))
      .filter((inner) => inner.isDirectory())
      .map((inner) => `${entry.name}/${inner.name}`)
  })
}

function entries(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
