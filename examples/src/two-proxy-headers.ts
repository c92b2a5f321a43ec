/*
 * client ──> HAProxy ──PROXY v2──> AWS NLB ──PROXY v2, PROXY v2──> this application
 *
 *     backend app
 *       mode tcp
 *       server nlb my-nlb.elb.amazonaws.com:443 send-proxy-v2
 *
 * The load balancer forwards bytes, HAProxy's header among them, and puts a header of its own in
 * front. The first one on the wire is the load balancer's and names HAProxy; the second is HAProxy's
 * and names the client. The second is read only because a rule trusts HAProxy's address.
 *
 *     NLB=10.0.1.0/24,10.0.2.0/24 HAPROXY=192.0.2.10 node two-proxy-headers.js
 */
import { truehop } from '@truehop/fastify'
import Fastify from 'fastify'
import { listenAddress } from './listen-address.js'

const subnets = (process.env['NLB'] ?? '10.0.1.0/24,10.0.2.0/24').split(',')
const haproxy = (process.env['HAPROXY'] ?? '192.0.2.10').split(',')

const app = Fastify({ logger: true })

await app.register(truehop, {
  hops: [
    { name: 'nlb', from: subnets, asserts: 'proxy-protocol' },
    { name: 'haproxy', from: haproxy, asserts: 'proxy-protocol' },
  ],
  proxyProtocol: { maxHeaders: 2 },
})

app.get('/', ({ clientIp, clientIdentity }) => ({ client: clientIp, why: clientIdentity.reason }))

await app.listen(listenAddress)
