// What a request or connection costs a server: CPU time of its process, in alternating rounds.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { encode } from '@truehop/proxy-protocol'
import { inTurn, median } from './cpu-time.mjs'
import { closingLoad, idleConnections, keepAliveLoad } from './load.mjs'

const PROXY_HEADER = encode({
  version: 2,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: '198.51.100.7', port: 51_442 },
  destination: { address: '10.0.0.5', port: 443 },
  tlvs: [],
})

/** The command of a process pinned to the first processor, while the load comes from another. */
function pinned(args) {
  const node = [process.execPath, '--expose-gc', ...args]
  return process.platform === 'linux' && availableParallelism() > 1
    ? ['taskset', '-c', '0', ...node]
    : node
}

/** A server of a kind; `path:kind` is that of another checkout. */
export async function startServer(kind) {
  const [name, checkout] = kind.split(':').reverse()
  const script = name?.startsWith('cluster-') ? 'cluster.mjs' : 'server.mjs'
  const own = fileURLToPath(new URL(script, import.meta.url))
  const file = checkout === undefined ? own : `${checkout}/test/bench/${script}`
  const [command, ...args] = pinned([file, name])
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [{ port }] = await once(child, 'message')
  const ask = async (question) => {
    child.send(question)
    const [answer] = await once(child, 'message')
    return answer
  }
  const stop = async () => {
    child.disconnect()
    await once(child, 'exit')
  }
  return { port, ask, stop }
}

/** Short turns in each round: what else the machine does changes less from one to the next. */
const TURNS = 5

/** Requests to each server of a framework before it is measured. Node 24 and 26 still get faster after 50,000. */
export const WARM = 60_000

/**
 * Microseconds of CPU time and of wall time for a request, of each kind of server: the medians, and
 * the CPU time of each turn, for whoever compares turns that follow each other.
 */
export async function compareServers(
  kinds,
  load,
  { rounds = 7, requests = 2000, warm = 20_000, turns = TURNS } = {},
) {
  const servers = {}
  for (const kind of kinds) servers[kind] = await startServer(kind)
  const samples = Object.fromEntries(kinds.map((kind) => [kind, { cpu: [], wall: [] }]))
  try {
    for (const [kind, server] of Object.entries(servers)) await load(kind, server.port, warm)
    for (let turn = 0; turn < rounds * turns; turn++) {
      for (const [kind, server] of inTurn(servers, turn)) {
        const before = await server.ask('cpu')
        const started = performance.now()
        await load(kind, server.port, requests)
        const wall = performance.now() - started
        const after = await server.ask('cpu')
        samples[kind].cpu.push((after - before) / requests)
        samples[kind].wall.push((1000 * wall) / requests)
      }
    }
  } finally {
    for (const server of Object.values(servers)) await server.stop()
  }
  return Object.fromEntries(
    Object.entries(samples).map(([kind, { cpu, wall }]) => [
      kind,
      { cpu: median(cpu), wall: median(wall), turns: cpu },
    ]),
  )
}

/** @returns {{ first?: Buffer }} */
const firstOf = (kind) => (kind.includes('-protocol') ? { first: PROXY_HEADER } : {})

export function acceptedConnections(rounds) {
  const load = (kind, port, count) => closingLoad(port, count, firstOf(kind))
  const kinds = ['http-bare', 'http-again', 'http-proxy-protocol', 'http-floor-protocol']
  return compareServers(kinds, load, { requests: 1000, warm: 16_000, rounds, turns: 8 })
}

/** Many requests on each connection, so that what accepting it costs plays no part. */
export function keptAlive(rounds) {
  const load = (kind, port, count) => keepAliveLoad(port, count, firstOf(kind))
  const kinds = ['http-bare', 'http-again', 'http-proxy-protocol']
  return compareServers(kinds, load, { requests: 8000, rounds })
}

export function frameworkServers(kinds, options) {
  const load = (_kind, port, count) => keepAliveLoad(port, count)
  return compareServers(kinds, load, { warm: WARM, ...options })
}

/** Servers of which each request has a connection of its own. */
export function shortConnections(kinds, rounds) {
  return compareServers(kinds, (_kind, port, count) => closingLoad(port, count), {
    ...{ rounds, turns: 1, requests: 10_000, warm: 4000 },
  })
}

/** Bytes that each server holds once it is warm, and after so many more requests. */
export async function memoryAfter(kinds, requests) {
  const held = {}
  for (const kind of kinds) {
    const server = await startServer(kind)
    try {
      await keepAliveLoad(server.port, 4000)
      const before = await server.ask('memory')
      await keepAliveLoad(server.port, requests)
      held[kind] = { before, after: await server.ask('memory') }
    } finally {
      await server.stop()
    }
  }
  return held
}

/** Bytes that each idle connection holds in the server, with and without a PROXY header. */
export async function memoryOfConnections(counts) {
  const rows = []
  for (const count of counts) {
    const row = { count }
    for (const kind of ['http-bare', 'http-proxy-protocol']) row[kind] = await heldBy(kind, count)
    rows.push(row)
  }
  return rows
}

async function heldBy(kind, count) {
  const server = await startServer(kind)
  try {
    const warm = await idleConnections(server.port, 50, firstOf(kind))
    warm()
    const memory = await server.ask('memory')
    const cpu = await server.ask('cpu')
    const end = await idleConnections(server.port, count, firstOf(kind))
    const used = (await server.ask('cpu')) - cpu
    const held = (await server.ask('memory')) - memory
    end()
    return { bytes: held / count, cpu: used / count }
  } finally {
    await server.stop()
  }
}
