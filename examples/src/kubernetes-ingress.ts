/*
 * client ──> load balancer ──> ingress-nginx pod ──HTTP──> this application's pod
 *
 *     kind: ConfigMap                       # of ingress-nginx
 *     data:
 *       use-proxy-protocol: "true"          # where the load balancer sends PROXY headers
 *
 * The ingress controller writes its client to X-Forwarded-For. Its pods have addresses of the pod
 * network, and so has every other pod: let a NetworkPolicy admit the controller only, or name the
 * nodes that it runs on.
 *
 *     INGRESS=10.244.0.0/16 node kubernetes-ingress.js
 */
import { truehop } from '@truehop/fastify'
import Fastify from 'fastify'
import { listenAddress } from './listen-address.js'

const ingress = (process.env['INGRESS'] ?? '10.244.0.0/16').split(',')

const app = Fastify({ logger: true })

await app.register(truehop, {
  hops: [{ name: 'ingress', from: ingress, asserts: 'x-forwarded-for' }],
})

app.get('/', ({ clientIp, clientIdentity }) => ({ client: clientIp, why: clientIdentity.reason }))

await app.listen(listenAddress)
