// What an inspector adds to a request whose decision is only counted, in microseconds of CPU time, and
// how much of that is to remember its response. After `tsc -b`:
// node --expose-gc test/bench/inspector.mjs

import { channel } from 'node:diagnostics_channel'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { definePolicy, resolve } from '../../packages/identity/dist/index.js'
import { Recorder } from '../../packages/inspector/dist/record/recorder.js'
import { cpuNow, inTurn, median } from './cpu-time.mjs'

const ROUNDS = 25
const REQUESTS = 20_000

const started = channel('http.server.request.start')
const resolved = channel('truehop.identity.resolved')
const policy = definePolicy({ trust: ['127.0.0.1'], header: 'x-forwarded-for' })
const evidences = Array.from({ length: 1000 }, (_, i) => ({
  peer: '127.0.0.1',
  headers: { 'x-forwarded-for': `198.51.${i >> 8}.${i % 256}`, host: 'www.example.com' },
}))

/** What listens in each turn; each returns what ends it. */
const LISTENERS = {
  nothing: () => () => {},
  responses: () => {
    const responses = new WeakMap()
    /** @param {any} message of Node's own channel */
    const remember = ({ request, response }) => {
      responses.set(request, response)
    }
    started.subscribe(remember)
    return () => started.unsubscribe(remember)
  },
  inspector: () => {
    const recorder = new Recorder({ address: 'full', keep: 200 })
    return () => recorder.close()
  },
}

const connection = new Socket()

/** Microseconds for one request. */
function turn() {
  const before = cpuNow()
  for (let i = 0; i < REQUESTS; i++) {
    const evidence = evidences[i % evidences.length]
    if (evidence === undefined) throw new Error('no evidence')
    const request = new IncomingMessage(connection)
    const response = new ServerResponse(request)
    // As Node does for each request, if somebody listens.
    if (started.hasSubscribers) started.publish({ request, response, socket: null, server: null })
    const identity = resolve(policy, evidence)
    if (resolved.hasSubscribers) resolved.publish({ request, identity, evidence, policy })
  }
  return (cpuNow() - before) / 1000 / REQUESTS
}

/** @type {Record<'nothing' | 'responses' | 'inspector', number[]>} */
const samples = { nothing: [], responses: [], inspector: [] }
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, listen] of inTurn(LISTENERS, round)) {
    const stop = listen()
    globalThis.gc?.()
    samples[name].push(turn())
    stop()
  }
}

/** Each round is compared with itself: what else the machine does changes between them. */
/** @param {keyof typeof samples} name */
const added = (name) =>
  median(samples[name].map((us, i) => us - (samples.nothing[i] ?? us))).toFixed(2)
console.log(`${process.version}: ${added('inspector')} µs, responses ${added('responses')} µs`)
