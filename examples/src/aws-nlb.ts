/*
 * client ──> AWS Network Load Balancer ──TCP, PROXY v2──> this application
 *
 * For target groups without client IP preservation, with the attribute
 * `proxy_protocol_v2.enabled` = `true`. (With client IP preservation and without that attribute the
 * connection comes from the client: see direct.ts.) Health checks carry a LOCAL header, so their
 * client is the load balancer itself, `proxy-local`.
 *
 *     NLB=10.0.1.0/24,10.0.2.0/24 node aws-nlb.js
 */
import { truehop } from '@truehop/fastify'
import Fastify from 'fastify'
import { listenAddress } from './listen-address.js'

const subnets = (process.env['NLB'] ?? '10.0.1.0/24,10.0.2.0/24').split(',')

const app = Fastify({ logger: true })

await app.register(truehop, {
  hops: [{ name: 'nlb', from: subnets, asserts: 'proxy-protocol' }],
})

app.get('/', ({ clientIp, clientIdentity }) => ({ client: clientIp, why: clientIdentity.reason }))

await app.listen(listenAddress)
