// Measures, and writes docs/benchmarks.md with its plots.
//
//   pnpm bench [--quick] [--nodes 20,24,26] [--page]
//
// Figures are kept by the line of Node, in results/, each with its date: one line can be measured again
// alone. `--nodes` runs the named ones in turn, without it this Node is the one; `--quick` takes fewer
// rounds; `--page` only writes the page again. Each Node takes about seven minutes on a quiet machine of
// two processors.

import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { footprint } from './footprint.mjs'
import { redisLimits } from './redis.mjs'
import { writeReport } from './report.mjs'
import { keepResults, keptResults } from './results.mjs'
import {
  acceptedConnections,
  frameworkServers,
  keptAlive,
  memoryAfter,
  memoryOfConnections,
  shortConnections,
} from './servers.mjs'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    nodes: { type: 'string' },
  },
})

/** Runs this script with other Nodes, which the package manager brings as packages. */
function runEach(versions) {
  for (const version of versions) {
    const print = ['--yes', '--package', `node@${version}`, 'node', '--print', 'process.execPath']
    const node = execFileSync('npx', print, { encoding: 'utf8' }).trim()
    const args = [fileURLToPath(import.meta.url), ...(values.quick ? ['--quick'] : [])]
    try {
      execFileSync(node, args, { stdio: 'inherit' })
    } catch (error) {
      // The page keeps the figures of the run before.
      console.error(`Node ${version} was not measured:`, error)
      process.exitCode = 1
    }
  }
}

/** Runs a script of this folder in a process of its own, and reads the JSON it prints. */
function measured(script, ...args) {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const command = ['--expose-gc', '--max-old-space-size=4096', file, ...args.map(String)]
  if (args[0] === 'allocated') command.unshift(...ROOMY)
  console.log(script.replace('.mjs', ''), ...args)
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' }))
}

/** A young generation that nothing is collected from while allocations are counted. */
const ROOMY = ['--min-semi-space-size=128', '--max-semi-space-size=128']

/** @param {string} name @param {string | number} [argument] */
const functions = (name, argument = '') => measured('functions.mjs', name, argument)

function machine() {
  const [cpu] = cpus()
  return {
    cpu: cpu?.model ?? 'unknown',
    processors: cpus().length,
    memory: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    load: loadavg(),
  }
}

async function run(quick) {
  const rounds = quick ? 3 : 5
  const figures = { before: machine(), functions: {}, servers: {} }
  for (const name of [
    ...['resolve', 'resolve-10000', 'same-header', 'parse-ipv4', 'parse-ipv6', 'allocated'],
    ...['decode-v2', 'decode-v1', 'decode-v2-many', 'decode-v1-many'],
  ]) {
    figures.functions[name] = functions(name)
  }
  figures.functions.replaced = functions('replaced', 1_000_000)
  figures.elements = [1, 4, 16, 64, 256, 1600].map((count) => ({
    count,
    ...functions('elements', count),
  }))
  figures.prefixes = [10, 100, 1000, 10_000, 100_000, 1_000_000].map((count) => ({
    count,
    ...functions('prefixes', count),
  }))
  figures.keys = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].map((count) => ({
    count,
    ...measured('keys.mjs', count),
  }))
  console.log('servers')
  figures.servers.accepted = await acceptedConnections(rounds)
  figures.servers.keptAlive = await keptAlive(rounds)
  figures.connections = await memoryOfConnections([1, 10, 100, 1000, 10_000])
  const groups = {
    fastifyIdentity: ['fastify-bare', 'fastify-identity', 'fastify-floor-identity'],
    fastify: ['fastify-truehop', 'fastify-peers', 'fastify-floor', 'fastify-floor-plain'],
    fastifyUnlisted: ['fastify-truehop-unlisted', 'fastify-peers-unlisted'],
    unbound: ['fastify-log-unbound', 'fastify-log-own'],
    express: ['express-bare', 'express-truehop'],
    expressUnlisted: ['express-truehop-unlisted', 'express-peers-unlisted'],
    cluster: ['cluster-memory', 'cluster-store'],
  }
  for (const [name, kinds] of Object.entries(groups)) {
    console.log(...kinds)
    figures.servers[name] = await frameworkServers(kinds, { rounds })
  }
  const unlisted = ['fastify-truehop-unlisted', 'fastify-peers-unlisted']
  figures.servers.short = await shortConnections(unlisted, rounds)
  figures.held = await memoryAfter(unlisted, 20_000)
  figures.servers.expressPeers = await frameworkServers(['express-peers'], {
    rounds: 3,
    turns: 1,
    requests: 30,
    warm: 10,
  })
  console.log('redis, footprint')
  figures.redis = await redisLimits({ rounds })
  if (figures.redis !== undefined) {
    const kinds = ['fastify-truehop-redis', 'fastify-peers-redis']
    figures.servers.redis = await frameworkServers(kinds, { rounds })
  }
  Object.assign(figures, footprint(rounds))
  figures.after = machine()
  return figures
}

if (values.nodes !== undefined) runEach(values.nodes.split(','))
else if (!values.page) keepResults(await run(values.quick))
writeReport(keptResults())
