// A primary of node:cluster and its workers, behind one limit. Runs on what the build wrote.
import cluster from 'node:cluster'
import { definePolicy, resolve } from '@truehop/identity'
import { RateLimiter, startClusterStore } from '@truehop/rate-limit'

const [mode, workers, limit, requests] = process.argv.slice(2)
const policy = definePolicy({ hops: [] })

const channel = 'truehop.rate-limit/2'
const MALFORMED = [
  { channel },
  { channel, id: {}, rules: 'none', asks: 7 },
  { channel, id: -1, rules: null, asks: null },
  { channel, id: -1, rules: [], asks: [null] },
  { channel, id: -1, rules: [], asks: [[9, 0]] },
  { channel, id: -1, rules: [], asks: [[0, 0, 0]] },
  {
    channel,
    id: -1,
    rules: [null, 'rule', {}],
    asks: [
      [0, 0, 0],
      [0, 0, 1],
      [0, 0, 2],
    ],
  },
  { channel, id: -1, rules: [{}], asks: [[0, 0, 0, 'x', {}, [], null, 'kind', -1, 1.5, 1e99]] },
]

/** What other code of the primary might send its workers. */
const FOREIGN = [
  { channel },
  { channel, id: 1 },
  { channel, id: 1, answers: null },
  { channel, id: 1, answers: 'none' },
  { channel, id: 1, answers: [null, 7] },
  { channel, id: 1, answers: [{ length: 3 }] },
  { channel, id: 1, answers: [['1', '0', '0']] },
  { channel, id: null, answers: [] },
  { channel, id: {}, answers: {} },
]

if (cluster.isPrimary) {
  const reports = []
  if (mode === 'foreign') {
    // Before the store hears a question, so ahead of its answer.
    cluster.on('message', (worker, message) => {
      if (message.channel === channel) for (const each of FOREIGN) worker.send(each)
    })
  }
  if (mode !== 'silent') startClusterStore()
  for (let i = 0; i < Number(workers); i++) cluster.fork()
  cluster.on('message', (_worker, message) => {
    if (message.admitted === undefined) return
    reports.push(message)
    if (reports.length < Number(workers)) return
    process.send?.(reports)
    cluster.disconnect(() => process.exit())
  })
} else {
  if (mode === 'malformed') for (const message of MALFORMED) process.send?.(message)
  const limiter = new RateLimiter({
    limit: Number(limit),
    window: 600,
    store: 'cluster',
    onStoreError: 'deny',
    deadline: mode === 'silent' ? 50 : 10_000,
  })
  const identity = resolve(policy, { peer: '2001:db8::1', headers: {} })
  const decisions = []
  // One after the other at first: what one worker learns of refusals must not differ from the rest.
  for (let i = 0; i < 5; i++) decisions.push(await limiter.decide(identity, {}))
  const rest = Array.from({ length: Number(requests) - 5 }, () => limiter.decide(identity, {}))
  decisions.push(...(await Promise.all(rest)))
  process.send?.({
    admitted: decisions.filter((decision) => decision.allowed).length,
    reasons: [...new Set(decisions.map((decision) => decision.reason))].toSorted(),
  })
}
