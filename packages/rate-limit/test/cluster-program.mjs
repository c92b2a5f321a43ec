// A primary of node:cluster and its workers, behind one limit. Runs on what the build wrote.
import cluster from 'node:cluster'
import { definePolicy, resolve } from '@truehop/identity'
import { RateLimiter, startClusterStore } from '@truehop/rate-limit'

const [mode, workers, limit, requests] = process.argv.slice(2)
const policy = definePolicy({ hops: [] })

if (cluster.isPrimary) {
  if (mode === 'counting') startClusterStore()
  const reports = []
  for (let i = 0; i < Number(workers); i++) cluster.fork()
  cluster.on('message', (_worker, message) => {
    if (message.admitted === undefined) return
    reports.push(message)
    if (reports.length < Number(workers)) return
    process.send?.(reports)
    cluster.disconnect(() => process.exit())
  })
} else {
  const limiter = new RateLimiter({
    limit: Number(limit),
    window: 600,
    store: 'cluster',
    onStoreError: 'deny',
    deadline: mode === 'counting' ? 10_000 : 50,
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
