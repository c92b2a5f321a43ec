// Measures, and writes docs/benchmarks.md with its plots.
//
//   pnpm bench [--quick] [--from run.json] [--save run.json]
//
// `--quick` takes fewer rounds; `--from` writes the page from an earlier run; `--save` keeps
// the figures of this one. Takes five minutes on a quiet machine of two processors, ten on a busy one.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { footprint } from './footprint.mjs'
import { redisLimits } from './redis.mjs'
import { writeReport } from './report.mjs'
import {
  acceptedConnections,
  frameworkServers,
  keptAlive,
  memoryOfConnections,
} from './servers.mjs'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    from: { type: 'string' },
    save: { type: 'string' },
  },
})

/** Runs a script of this folder in a process of its own, and reads the JSON it prints. */
function measured(script, ...args) {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const command = ['--expose-gc', '--max-old-space-size=4096', file, ...args.map(String)]
  console.log(script.replace('.mjs', ''), ...args)
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' }))
}

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
  const rounds = quick ? 5 : 9
  const figures = { before: machine(), functions: {}, servers: {} }
  for (const name of [
    ...['resolve', 'resolve-10000', 'same-header', 'parse-ipv4', 'parse-ipv6'],
    ...['decode-v2', 'decode-v1'],
  ]) {
    figures.functions[name] = functions(name)
  }
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
  figures.servers.fastifyIdentity = await frameworkServers(['fastify-bare', 'fastify-identity'], {
    rounds,
  })
  figures.servers.fastify = await frameworkServers(
    ['fastify-bare', 'fastify-truehop', 'fastify-peers'],
    { rounds },
  )
  figures.servers.fastifyUnlisted = await frameworkServers(
    ['fastify-truehop-unlisted', 'fastify-peers-unlisted'],
    { rounds },
  )
  figures.servers.express = await frameworkServers(['express-bare', 'express-truehop'], { rounds })
  figures.servers.expressPeers = await frameworkServers(['express-peers'], {
    rounds: 3,
    turns: 1,
    requests: 30,
    warm: 10,
  })
  console.log('redis, footprint')
  figures.redis = await redisLimits({ rounds })
  Object.assign(figures, footprint(rounds))
  figures.after = machine()
  return figures
}

const figures =
  values.from === undefined
    ? await run(values.quick)
    : JSON.parse(readFileSync(values.from, 'utf8'))
if (values.save !== undefined) writeFileSync(values.save, `${JSON.stringify(figures, null, 2)}\n`)
writeReport(figures)
