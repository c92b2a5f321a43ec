/*
 *                 ┌─> worker
 * proxies ──PROXY header──> primary ─┼─> worker        each reads headers and decides
 *                 └─> worker
 *
 * node:cluster: the primary accepts and hands connections on, unread. Each worker has the policy and
 * receives PROXY headers; the primary counts for the limits of all of them.
 */
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { truehop } from '@truehop/express'
import { startClusterStore } from '@truehop/rate-limit'
import { rateLimit } from '@truehop/rate-limit/express'
import express from 'express'
import { listenAddress } from './listen-address.js'

const { PROXIES = '127.0.0.1', WORKERS = '4' } = process.env

if (cluster.isPrimary) {
  startClusterStore()
  for (let i = 0; i < Number(WORKERS); i++) cluster.fork()
  process.once('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM')
  })
} else {
  const app = express()
  const identity = truehop({
    hops: [{ name: 'haproxy', from: PROXIES.split(','), asserts: 'proxy-protocol' }],
  })
  // The primary answers, however busy this machine is: better late than counted by one worker.
  const deadline = 1000
  app.use(identity, rateLimit({ limit: 10, window: 60, store: 'cluster', deadline }))
  app.get('/', (request, response) => {
    response.json({ client: request.clientIp, worker: process.pid })
  })
  const server = identity.attach(createServer(app)).listen(listenAddress)
  process.once('SIGTERM', () => server.close(() => cluster.worker?.disconnect()))
}
