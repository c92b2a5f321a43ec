/*
 * kubelet ──probes──> 8081, plain HTTP
 * proxies ──PROXY header──> 3000
 *
 * A service in Kubernetes, or under any supervisor that sends SIGTERM and SIGHUP: probes on a port
 * of their own, a policy that follows its file, and an end that loses no request.
 *
 *     POLICY=/etc/truehop/policy.json DRAIN=5000 node running.js
 *
 * What each part is for stands in docs/running.md.
 */
import { watchFile } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { truehop } from '@truehop/fastify'
import { loadPolicy, openPolicy } from '@truehop/identity'
import Fastify from 'fastify'
import { listenAddress } from './listen-address.js'

const {
  POLICY = '/etc/truehop/policy.json',
  PROBES_PORT = '8081',
  DRAIN = '5000',
  LOOK_EVERY = '5000',
} = process.env

const policy = loadPolicy(POLICY)
const app = Fastify({ logger: true })
await app.register(truehop, { policy })
app.get('/', ({ clientIp }) => ({ client: clientIp }))
app.get('/slow', async ({ clientIp }) => {
  await delay(1000)
  return { client: clientIp }
})

// Probes come without a PROXY header, and from the node: they have a server of their own.
let isReady = false
const probes = createServer((request, response) => {
  response.statusCode = request.url === '/ready' && !isReady ? 503 : 200
  response.end()
})

async function reload(): Promise<void> {
  try {
    policy.replace(await openPolicy(POLICY))
    app.log.info({ version: policy.status().version }, 'policy replaced')
  } catch (error) {
    app.log.error({ err: error }, 'policy refused; the one before stays in force')
  }
}

/** Serves on until nobody sends new connections, then ends what is left. */
async function end(): Promise<void> {
  isReady = false
  await delay(Number(DRAIN))
  await app.close()
  probes.close()
  probes.closeAllConnections()
}

process.on('SIGHUP', reload)
// By stat(), which follows links: Kubernetes swaps the link `..data`, and the file itself never changes.
watchFile(POLICY, { interval: Number(LOOK_EVERY), persistent: false }, reload)
process.once('SIGTERM', end)

probes.listen(Number(PROBES_PORT), listenAddress.host)
await app.listen(listenAddress)
isReady = true
