// Opens connections with PROXY headers in a loop, split at random, and silent ones among them; then
// slow ones, which hold back the last byte of the longest header that the receiver takes.
//
//   pnpm load [--good 20000] [--silent 1000] [--slow 1000] [--timeout 5000] [--at-once 200]
//             [--seed 123456] [--json]
//
// Holds that every good request is answered with its own client, that silent and slow connections are
// refused at the deadline, that slow ones cost the server no more bytes than their headers have, and
// that its memory is then where it was. Runs on what the build wrote; exits with 1 otherwise.

import { fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { answered, endedAfter, unfinished } from './connections.mjs'

const { values } = parseArgs({
  options: {
    good: { type: 'string', default: '20000' },
    silent: { type: 'string', default: '1000' },
    slow: { type: 'string', default: '1000' },
    timeout: { type: 'string', default: '5000' },
    'at-once': { type: 'string', default: '200' },
    seed: { type: 'string', default: `${randomInt(2 ** 31)}` },
    json: { type: 'boolean', default: false },
  },
})
const good = Number(values.good)
const silent = Number(values.silent)
const slow = Number(values.slow)
const timeout = Number(values.timeout)
const atOnce = Number(values['at-once'])
const seed = Number(values.seed)

const numbers = { good, silent, slow, timeout, 'at-once': atOnce, seed }
for (const [name, number] of Object.entries(numbers)) {
  if (Number.isInteger(number) && number > 0) continue
  console.error(`write --${name} as an integer above 0`)
  process.exit(2)
}

/** Compiled code and caches of the process itself settle before anything is measured. */
const WARM_UP = 1000
/** What the heap may be larger by: far less than a kilobyte for each connection. */
const SLACK_BYTES = 1_000_000
/** The receiver's `maxHeaderBytes`. */
const LONGEST_HEADER = 4096

/** mulberry32, as in the fuzz script: the same load for the same seed. */
function generator(state) {
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const random = generator(seed)
const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), [String(timeout)], {
  execArgv: ['--expose-gc'],
})
process.on('exit', () => server.kill())
const [{ port }] = await once(server, 'message')

async function figures() {
  server.send('figures')
  const [message] = await once(server, 'message')
  return message
}

/** `count` good connections, `atOnce` at a time; calls `before` ahead of each. */
async function run(count, before) {
  /** @type {string[]} */
  const failures = []
  let started = 0
  const worker = async () => {
    while (started < count) {
      before(started++)
      await answered(port, random).catch((error) => failures.push(error.message))
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker))
  return failures
}

await run(WARM_UP, () => {})
const before = await figures()

/** @type {Promise<number>[]} */
const waits = []
const start = performance.now()
const every = Math.max(1, Math.floor(good / silent))
const failures = await run(good, (index) => {
  if (index % every === 0 && waits.length < silent) waits.push(endedAfter(port))
})
while (waits.length < silent) waits.push(endedAfter(port))
const seconds = (performance.now() - start) / 1000
const middle = await figures()
const waited = (await Promise.all(waits)).sort((one, other) => one - other)

const slowOnes = Array.from({ length: slow }, () => unfinished(port, LONGEST_HEADER))
const held = await Promise.all(slowOnes)
const holding = await figures()
await Promise.all(held.map(({ closed }) => closed))
const after = await figures()
server.disconnect()

const counters = {
  accepted: after.counters.accepted - before.counters.accepted,
  refused: after.counters.refused,
  pending: after.counters.pending,
}
const heldBytes = holding.arrayBuffers - before.arrayBuffers
const result = {
  seed,
  good,
  answered: good - failures.length,
  silent,
  endedAfterMs: { first: Math.round(waited[0] ?? 0), last: Math.round(waited.at(-1) ?? 0) },
  slow: { count: slow, pending: holding.counters.pending, heldBytes },
  counters,
  openConnections: after.connections,
  heapBytes: { before: before.heapUsed, during: middle.heapUsed, after: after.heapUsed },
  bufferBytes: { before: before.arrayBuffers, after: after.arrayBuffers },
  rssBytes: { before: before.rss, during: middle.rss, after: after.rss },
  seconds: Number(seconds.toFixed(1)),
  failures: failures.slice(0, 5),
}
const isFine =
  failures.length === 0 &&
  counters.accepted === good &&
  counters.pending === 0 &&
  counters.refused.timeout === silent + slow &&
  Object.keys(counters.refused).length === 1 &&
  after.connections === 0 &&
  heldBytes < slow * LONGEST_HEADER + SLACK_BYTES &&
  after.arrayBuffers - before.arrayBuffers < SLACK_BYTES &&
  after.heapUsed - before.heapUsed < SLACK_BYTES

if (values.json) console.log(JSON.stringify(result))
else console.log(result)
process.exitCode = isFine ? 0 : 1
