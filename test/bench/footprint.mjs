// What importing a package costs, and what it occupies when it is installed.

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inTurn, median } from './cpu-time.mjs'

const top = fileURLToPath(new URL('../..', import.meta.url))

/** The four as a service on Fastify imports them. */
const FOUR = ['fastify', 'log/fastify', 'allowlist/fastify', 'rate-limit/fastify'].map(
  (entry) => `@truehop/${entry}`,
)

/** Import times and installed sizes, of the packages as they would be published, and of Fastify. */
export function footprint(rounds) {
  const project = mkdtempSync(join(tmpdir(), 'truehop-footprint-'))
  try {
    install(project)
    return { imports: importTimes(project, rounds), sizes: installedSizes(project) }
  } finally {
    rmSync(project, { recursive: true })
  }
}

/** Unpacks what packing the four and what they need of this workspace gives; links what they need beside. */
function install(project) {
  const { packageManager } = readJson(join(top, 'package.json'))
  const [pnpm] = packageManager.split('+')
  const filters = FOUR.flatMap((entry) => ['--filter', `${entry.split('/', 2).join('/')}...`])
  const pack = ['--recursive', ...filters, 'pack']
  /** @type {import('node:child_process').ExecFileSyncOptions} */
  const options = { cwd: top, stdio: ['ignore', 'ignore', 'inherit'] }
  execFileSync('npx', ['--yes', pnpm, ...pack, '--pack-destination', project], options)
  for (const tarball of readdirSync(project)) {
    const [, name = tarball] = /^truehop-(.*)-\d+\.\d+\.\d+/.exec(tarball) ?? []
    const folder = join(project, 'node_modules/@truehop', name)
    mkdirSync(folder, { recursive: true })
    execFileSync('tar', ['-xzf', join(project, tarball), '-C', folder, '--strip-components=1'])
  }
  for (const name of readdirSync(join(project, 'node_modules/@truehop'))) {
    linkDependencies(project, name)
  }
}

/** What a package of this workspace depends on beside its siblings, and Fastify, as pnpm installed them. */
function linkDependencies(project, name) {
  const folder = join(top, 'packages', name)
  const { dependencies = {} } = readJson(join(folder, 'package.json'))
  const others = Object.keys(dependencies).filter((each) => !each.startsWith('@truehop/'))
  const all = name === 'fastify' ? [...others, 'fastify'] : others
  for (const dependency of all) {
    const link = join(project, 'node_modules', dependency)
    if (existsSync(link)) continue
    mkdirSync(join(link, '..'), { recursive: true })
    symlinkSync(realpathSync(join(folder, 'node_modules', dependency)), link)
  }
}

/** Milliseconds of CPU time for an import in a new process, median. */
function importTimes(project, rounds = 11) {
  const imports = {
    fastify: { names: ['fastify'] },
    alone: { names: ['@truehop/fastify'] },
    beside: { names: ['@truehop/fastify'], before: 'fastify' },
    four: { names: FOUR, before: 'fastify' },
  }
  /** @type {Record<string, number[]>} */
  const samples = Object.fromEntries(Object.keys(imports).map((label) => [label, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [label, given] of inTurn(imports, round)) {
      samples[label]?.push(importTime(project, given))
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([label, ms]) => [label, median(ms)]))
}

function importTime(cwd, { names, before = 'node:http' }) {
  const imports = names.map((name) => `await import(${JSON.stringify(name)})`).join('\n')
  const script = `await import(${JSON.stringify(before)}); const a = process.cpuUsage()
    ${imports}
    const { user, system } = process.cpuUsage(a); console.log((user + system) / 1000)`
  const args = ['--input-type=module', '--eval', script]
  return Number(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }))
}

function installedSizes(project) {
  const from = join(project, 'package.json')
  return {
    fastify: installedSize('fastify', from),
    truehop: installedSize('@truehop/fastify', from),
  }
}

/** Kilobytes of a package and of all it depends on, as npm would unpack them. */
function installedSize(name, from) {
  const seen = new Map()
  visit(name, from, seen)
  return { kilobytes: [...seen.values()].reduce((a, b) => a + b, 0) / 1024, packages: seen.size }
}

function visit(name, from, seen) {
  const folder = folderOf(name, from)
  if (folder === undefined || seen.has(folder)) return
  seen.set(folder, bytesBelow(folder))
  const { dependencies = {} } = readJson(join(folder, 'package.json'))
  for (const dependency of Object.keys(dependencies)) {
    visit(dependency, join(folder, 'package.json'), seen)
  }
}

function folderOf(name, from) {
  for (const path of createRequire(from).resolve.paths(name) ?? []) {
    const folder = join(path, name)
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder)
  }
  return undefined
}

function bytesBelow(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || path.endsWith('/node_modules')) return 0
  if (!found.isDirectory()) return found.size
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0)
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}
