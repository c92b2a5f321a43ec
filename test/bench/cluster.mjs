// Two workers that share a port, and a limit counted in each of them or in the primary:
// node cluster.mjs cluster-memory | cluster-store, over an IPC channel, as server.mjs.
// CPU time is that of all three processes.

import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { truehop } from '@truehop/fastify'
import { startClusterStore } from '@truehop/rate-limit'
import { rateLimit } from '@truehop/rate-limit/fastify'
import Fastify from 'fastify'

const WORKERS = 2
const [kind] = process.argv.slice(2)

if (cluster.isPrimary) await primary()
else await worker()

async function primary() {
  startClusterStore()
  cluster.setupPrimary({ exec: fileURLToPath(import.meta.url), args: [kind ?? ''] })
  const workers = Array.from({ length: WORKERS }, () => cluster.fork())
  const ports = await Promise.all(
    workers.map(
      (each) => new Promise((resolve) => each.once('listening', ({ port }) => resolve(port))),
    ),
  )
  process.on('message', async () => {
    const others = await Promise.all(workers.map(cpuOf))
    process.send?.(others.reduce((sum, cpu) => sum + cpu, ownCpu()))
  })
  process.on('disconnect', () => {
    for (const each of workers) each.process.kill()
    process.exit()
  })
  process.send?.({ port: ports[0] })
}

/** @param {import('node:cluster').Worker} each */
async function cpuOf(each) {
  each.send('cpu')
  for (;;) {
    const [message] = await once(each, 'message')
    if (typeof message === 'number') return message
  }
}

function ownCpu() {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function worker() {
  const app = Fastify()
  await app.register(truehop, { trust: ['loopback', '10.0.0.0/8'], header: 'x-forwarded-for' })
  const store = kind === 'cluster-store' ? 'cluster' : 'memory'
  await app.register(rateLimit, { limit: 1_000_000_000, window: 60, store })
  app.get('/', (_request, reply) => reply.send('ok'))
  process.on('message', (question) => {
    if (question === 'cpu') process.send?.(ownCpu())
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
}
