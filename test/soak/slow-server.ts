import { createServer } from 'node:http'
import { truehop } from '@truehop/express'
import express from 'express'
import { collectGarbage } from './garbage.js'
import { FROM } from './scenes.js'
import { portOf } from './services.js'

/** What the server tells of itself when it is asked: bytes, after a collection. */
export interface Usage {
  readonly heap: number
  readonly rss: number
  /** Connections that wait for their header. */
  readonly pending: number
  /** Seconds of CPU time so far: unlike times of answers, a busy machine does not change it much. */
  readonly cpu: number
}

/** A process of its own: its memory is that of the connections. Settings are the defaults. */
const identity = truehop({
  hops: [{ name: 'nlb', from: [FROM.loadBalancer], asserts: 'proxy-protocol' }],
  proxyProtocol: { direct: 'accept' },
  logger: { warn: () => {} },
})
const app = express()
app.use(identity)
app.get('/', ({ clientIp }, response) => {
  response.send(clientIp)
})
const server = createServer(app)
server.keepAliveTimeout = 60_000
identity.attach(server).listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
server.on('listening', () => process.send?.({ port: portOf(server) }))

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  collectGarbage()
  const { heapUsed, external, rss } = process.memoryUsage()
  const [acceptor] = identity.proxyProtocol
  const pending = acceptor?.counters.pending ?? 0
  process.send?.({
    heap: heapUsed + external,
    rss,
    pending,
    cpu: (user + system) / 1e6,
  } satisfies Usage)
})
process.on('disconnect', () => process.exit())
