// Sends payloads behind PROXY headers to servers of every kind, cut at every place and at random ones,
// half-closed and reset at any moment, and the same bytes to an equal server without a receiver. What
// the two servers see, and answer, must be the same, and nothing may be thrown that nobody catches. A server
// that cannot be closed afterwards counts as stuck.
//
//   node test/field/delivery/fuzz.mjs [--every 1] [--random 200] [--seed 1] [--only net]
//
// Runs on what the build wrote. `--every n` takes each n-th split only; `--random n` is the
// number of random plans for each payload of each server. What the servers see differently at first and
// alike in one of several more tries is counted as racing.

import { once } from 'node:events'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { acceptProxyProtocol, encode } from '../../../packages/proxy-protocol/dist/index.js'
import { everySplit, randomFrom, randomPlan } from './plans.mjs'
import { send } from './sender.mjs'
import { Log, PEM, SERVERS } from './servers.mjs'

const { values } = parseArgs({
  options: {
    every: { type: 'string', default: '1' },
    random: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
})
const every = Number(values.every)
const random = randomFrom(Number(values.seed))

const HEADERS = /** @type {const} */ ([1, 2]).map((version) =>
  encode({
    version,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address: '192.0.2.1', port: 1 },
    destination: { address: '198.51.100.1', port: 2 },
  }),
)

/** Connections at a time. */
const AT_ONCE = 48
/** Further tries of the two servers where they saw different things: resets race with reads. */
const TRIES = 8

/** About what a client sends of TLS 1.3 beside the payload. */
const HANDSHAKE = 400
/** Milliseconds in which a server must have closed. */
const STUCK = 5000
/** Lines that say how a connection or a request ended. */
const ENDS = /^(?:socket|tunnel) (?:end|error|close)|^iterat|\] (?:aborted|error|close)/

/** @type {string[]} */
let uncaught = []
process.on('uncaughtException', (error) => uncaught.push(nameOf(error)))
process.on('unhandledRejection', (error) => uncaught.push(String(error)))

/** @typedef {{ server: string, name: string, plan: unknown }} Case */
const result = {
  connections: 0,
  racing: 0,
  /** @type {(Case & { version: number, withReceiver: string[], without: string[] })[]} */
  different: [],
  /** @type {string[]} */
  uncaught: [],
  /** @type {string[]} */
  uncaughtWithout: [],
  /** @type {Case[]} */
  stuck: [],
  /** @type {Case[]} */
  stuckWithout: [],
}
for (const server of SERVERS) {
  // What fails in here is a fault of this script, and not of a server.
  if (server.name.startsWith(values.only)) await attack(server).catch(giveUp)
}
if (values.json) console.log(JSON.stringify(result))
else console.log(process.version, JSON.stringify(result, null, 1))
process.exit(result.different.length + result.uncaught.length + result.stuck.length > 0 ? 1 : 0)

/** @param {NodeJS.ErrnoException} error */
function nameOf(error) {
  return error.code ?? error.message
}

function giveUp(error) {
  console.error(error)
  process.exit(2)
}

/** All plans against a server and its equal, first one and then the other, so that what is thrown is known by whom. */
async function attack(server) {
  const cases = Object.entries(server.payloads).flatMap(([name, text]) => {
    const payload = Buffer.from(text, 'latin1')
    return plansFor(server, payload.length).map((plan, at) => {
      const header = HEADERS[at % 2]
      return { server, name, payload, plan, header }
    })
  })
  const received = await runAll(cases, true)
  result.uncaught.push(...taken(server))
  const plain = await runAll(cases, false)
  result.uncaughtWithout.push(...taken(server))
  for (const [at, one] of cases.entries()) {
    if (!agree(one, received[at], plain[at])) await judge(one, received[at], plain[at])
  }
}

function plansFor({ isSecure }, length) {
  const reach = isSecure ? length + HANDSHAKE : length
  const fixed = everySplit(28, reach, every)
  return [
    ...fixed,
    ...Array.from({ length: Number(values.random) }, () => randomPlan(random, reach)),
  ]
}

function taken({ name }) {
  const errors = uncaught.map((error) => `${name}: ${error}`)
  uncaught = []
  return errors
}

async function runAll(cases, isReceiving) {
  const waiting = [...cases.entries()]
  const seen = []
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      seen[next[0]] = await run(next[1], isReceiving)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return seen
}

/** Different for good only where neither shows what the other did in several tries. */
async function judge(one, received, plain) {
  const withReceiver = [received]
  const without = [plain]
  for (let tries = 0; tries < TRIES; tries++) {
    if (withReceiver.some((seen) => without.some((other) => agree(one, seen, other)))) {
      result.racing++
      return
    }
    withReceiver.push(await run(one, true))
    without.push(await run(one, false))
  }
  const { server, name, plan, header } = one
  const version = header === HEADERS[0] ? 1 : 2
  result.different.push({ server: server.name, name, version, plan, withReceiver, without })
}

/**
 * Whether two servers saw the same. How much of a connection is read before its reset is noticed, and
 * by which error, is the kernel's: there the one must have seen the beginning of what the other saw.
 */
function agree({ plan }, received, plain) {
  if (plan.ending !== 'reset') return received === plain
  const [one, other] = [received, plain].map(withoutEnds)
  return one.startsWith(other) || other.startsWith(one)
}

function withoutEnds(seen) {
  return seen
    .split('\n')
    .filter((line) => !ENDS.test(line))
    .join('\n')
}

/** What the server saw of one connection, a line each, and what it answered. */
async function run({ server, name, payload, plan, header }, isReceiving) {
  result.connections++
  const log = new Log()
  const listener = server.make(log)
  const open = new Set()
  if (isReceiving) acceptProxyProtocol(listener, { from: ['127.0.0.1'] })
  listener.on('connection', (socket) => open.add(socket))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address()
  const alpn = server.alpn === undefined ? {} : { ALPNProtocols: server.alpn }
  const secure = server.isSecure ? { ca: PEM, ...alpn } : undefined
  const first = isReceiving ? header : Buffer.alloc(0)
  const answer = await send({ port, header: first, payload, plan, secure })
  if (!(await ended(listener, open))) {
    const where = isReceiving ? result.stuck : result.stuckWithout
    where.push({ server: server.name, name, plan })
  }
  const isText = plan.ending !== 'reset' && !server.name.startsWith('http2')
  const said = isText ? [`answer: ${JSON.stringify(answer)}`] : []
  const seen = server.seen(log.entries, name).map((entry) => entry.replaceAll('\n', '\\n'))
  return [...seen, ...said].join('\n')
}

/** Whether the server could be closed, for which all connections must be over. */
async function ended(listener, open) {
  const closed = once(listener, 'close')
  // A TLS server of half-open sockets waits two minutes for whoever left within the handshake.
  const force = setInterval(() => {
    for (const socket of open) socket.destroy()
  }, 200)
  listener.close()
  const given = new AbortController()
  const isOpen = delay(STUCK, true, given).catch(() => false)
  const isStuck = await Promise.race([closed.then(() => false), isOpen])
  given.abort()
  clearInterval(force)
  // The sockets' own `close` comes after it.
  await nextTurn()
  return !isStuck
}
