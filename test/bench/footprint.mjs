// What importing a package costs, and what it occupies when it is installed.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inTurn, median } from './cpu-time.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const top = join(here, '../..')

/** Milliseconds of CPU time for `import(name)` in a new process, median; after `before`, if given. */
export function importTimes(imports, rounds = 11) {
  const samples = Object.fromEntries(Object.keys(imports).map((label) => [label, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [label, given] of inTurn(imports, round)) samples[label].push(importTime(given))
  }
  return Object.fromEntries(Object.entries(samples).map(([label, ms]) => [label, median(ms)]))
}

function importTime({ name, before = 'node:http' }) {
  const script = `await import(${JSON.stringify(before)}); const a = process.cpuUsage()
    await import(${JSON.stringify(name)})
    const { user, system } = process.cpuUsage(a); console.log((user + system) / 1000)`
  const args = ['--input-type=module', '--eval', script]
  return Number(execFileSync(process.execPath, args, { cwd: here, encoding: 'utf8' }))
}

/** Kilobytes of a package and of all it depends on, as npm would unpack them. */
export function installedSize(name) {
  const seen = new Map()
  visit(name, join(top, 'package.json'), seen)
  return { kilobytes: [...seen.values()].reduce((a, b) => a + b, 0) / 1024, packages: seen.size }
}

function visit(name, from, seen) {
  const folder = folderOf(name, from)
  if (folder === undefined || seen.has(folder)) return
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  seen.set(folder, bytesOf(folder, manifest.name.startsWith('@truehop/')))
  const dependencies = Object.keys(manifest.dependencies ?? {})
  for (const dependency of dependencies) visit(dependency, join(folder, 'package.json'), seen)
}

function folderOf(name, from) {
  for (const path of createRequire(from).resolve.paths(name) ?? []) {
    const folder = join(path, name)
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder)
  }
  return undefined
}

/** Of packages in this workspace, what would be published. */
function bytesOf(folder, isOurs) {
  const within = isOurs ? ['dist', 'package.json', 'README.md', 'LICENSE'] : ['.']
  let bytes = 0
  for (const start of within) bytes += bytesBelow(join(folder, start))
  return bytes
}

function bytesBelow(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || path.endsWith('.tsbuildinfo') || path.endsWith('/node_modules'))
    return 0
  if (!found.isDirectory()) return found.size
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0)
}
