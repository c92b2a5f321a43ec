// What a million shared entries cost an instance: node --expose-gc shared-entries.mjs [<entries>]
//
// Needs a redis-server. Prints JSON: for each step its seconds, and the longest turns of the event loop:
// `wall` as a request feels it, `cpu` without what other processes of the machine took (Linux).

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sharedEntries } from '@truehop/allowlist'
import { Redis } from 'ioredis'
import { ipv4 } from './inputs.mjs'

const COUNT = Number(process.argv[2] ?? 1_000_000)
const KEY = 'truehop:entries:{bench}'
const folder = mkdtempSync(join(tmpdir(), 'truehop-bench-'))
const keep = join(folder, 'entries')
const port = await freePort()
let server = await startRedis()
const client = new Redis({ port, retryStrategy: () => 100 })
client.on('error', () => {})
const open = []

try {
  await fill()
  const baseline = held()
  const a = await step('read by the first instance', async () => {
    const entries = instance()
    await entries.ready
    return entries
  })
  print('bytes an entry', { bytes: Math.round((held() - baseline) / a.status().size) })
  const b = instance({ keep })
  await step('read, and copied to a file', async () => {
    await b.ready
    await b.close()
  })
  await step('as many changes as a tenth of them, in 20 s', () => change(a, COUNT / 10, 20_000))
  await step('read anew beside what is in force', async () => {
    await client.del(`${KEY}:changes`)
    await client.hincrby(KEY, 'version', 1)
    await a.refresh()
  })
  a.close()
  await server.stop()
  const c = instance({ keep, deadline: 5000 })
  await step('read from the file, the store being away', () => c.ready.catch(() => {}))
  print('in force', c.status())
  server = await startRedis()
  await step('given back to a store that lost everything', async () => {
    while (c.status().lastError !== undefined) await c.refresh().catch(() => sleep(100))
  })
  print('in the store', { size: await client.hlen(KEY) })
} finally {
  for (const each of open) each.close()
  client.disconnect()
  await server.stop()
  rmSync(folder, { recursive: true })
}

function instance(options = {}) {
  const settings = { client, name: 'bench', maxEntries: 5_000_000, deadline: 5000, ...options }
  const entries = sharedEntries(settings)
  open.push(entries)
  return entries
}

/** As an instance writes them: most with an expiry, and a note that many share. */
async function fill() {
  await client.hset(KEY, 'epoch', '1', 'version', COUNT, 'nonce', '1')
  const now = Date.now()
  for (let i = 0; i < COUNT; i += 1000) {
    const fields = []
    const expiring = []
    for (let j = i; j < Math.min(COUNT, i + 1000); j++) {
      const about = JSON.stringify({ note: 'scan', by: 'login' })
      fields.push(ipv4(0x0b000000 + j * 3), `${now + 86_400_000 + j} ${now - j} ${about}`)
      expiring.push(now + 86_400_000 + j, ipv4(0x0b000000 + j * 3))
    }
    await client
      .pipeline()
      .hset(KEY, ...fields)
      .zadd(`${KEY}:expiring`, ...expiring)
      .exec()
  }
}

async function change(entries, count, milliseconds) {
  const began = performance.now()
  for (let i = 0; i < count; i += 100) {
    const wait = began + (i / count) * milliseconds - performance.now()
    if (wait > 0) await sleep(wait)
    const some = Array.from({ length: 100 }, (_, j) => ipv4(0x20000000 + i + j))
    await Promise.all(some.map((entry) => entries.add(entry, { ttl: 600, note: 'more' })))
  }
}

/** Runs it while the event loop is watched, and requests are decided. */
async function step(name, run) {
  const turns = watch()
  const began = performance.now()
  const result = await run()
  const seconds = round((performance.now() - began) / 1000)
  print(name, { seconds, ...turns.end(), heap: `${Math.round(held() / 2 ** 20)} MiB` })
  return result
}

/** Each turn of the event loop in milliseconds, on the wall clock and in CPU time of the main thread. */
function watch() {
  const wall = []
  const cpu = []
  let goesOn = true
  let [before, spent] = [performance.now(), threadTime()]
  const turn = () => {
    const [now, used] = [performance.now(), threadTime()]
    wall.push(now - before)
    cpu.push(used - spent)
    before = now
    spent = used
    if (goesOn) setImmediate(turn)
  }
  setImmediate(turn)
  return {
    end() {
      goesOn = false
      return { wall: longest(wall), cpu: longest(cpu) }
    },
  }
}

function threadTime() {
  const [nanoseconds] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')
  return Number(nanoseconds) / 1e6
}

function longest(times) {
  const sorted = [...times].sort((x, y) => y - x)
  return { most: sorted.slice(0, 5).map(round), over20: sorted.filter((time) => time > 20).length }
}

function round(number) {
  return Math.round(number * 100) / 100
}

function held() {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function print(name, about) {
  console.log(JSON.stringify({ step: name, ...about }))
}

async function startRedis() {
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]
  const child = spawn('redis-server', settings, { stdio: 'ignore', cwd: folder })
  const probe = new Redis({ port, retryStrategy: () => 50 })
  probe.on('error', () => {})
  await probe.ping()
  probe.disconnect()
  return {
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
    },
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
