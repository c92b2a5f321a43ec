/*
 * client ──> gateway (Envoy) ──mTLS──> sidecar (Envoy) ──HTTP on loopback──> this application
 *
 * In a mesh like Istio's, the gateway appends its client to X-Forwarded-For, and the sidecar hands the
 * header on as it came. The socket peer is the sidecar: 127.0.0.6 or 127.0.0.1. Another workload of
 * the mesh can write the header too, through its own sidecar: what comes from inside the mesh is as
 * true as the workload that sent it.
 */
import { truehop } from '@truehop/fastify'
import Fastify from 'fastify'
import { listenAddress } from './listen-address.js'

const app = Fastify({ logger: true })

await app.register(truehop, {
  hops: [{ name: 'sidecar', from: ['loopback'], asserts: 'x-forwarded-for', required: true }],
})

app.get('/', ({ clientIp, clientIdentity }) => ({ client: clientIp, why: clientIdentity.reason }))

await app.listen(listenAddress)
