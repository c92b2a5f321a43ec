/*
 * client ──> AWS Application Load Balancer ──HTTP──> this application
 *
 * The load balancer appends its client to X-Forwarded-For (attribute
 * `routing.http.xff_header_processing.mode` = `append`, the default). Its nodes have addresses in
 * the subnets it was given; let the security group admit nothing else from there. Its health checks
 * carry no X-Forwarded-For: their client is the load balancer itself, `header-missing`.
 *
 *     ALB=10.0.1.0/24,10.0.2.0/24 node aws-alb.js
 */
import { truehop } from '@truehop/fastify'
import Fastify from 'fastify'
import { listenAddress } from './listen-address.js'

const subnets = (process.env['ALB'] ?? '10.0.1.0/24,10.0.2.0/24').split(',')

const app = Fastify({ logger: true })

await app.register(truehop, {
  hops: [{ name: 'alb', from: subnets, asserts: 'x-forwarded-for' }],
})

app.get('/', ({ clientIp, clientIdentity }) => ({ client: clientIp, why: clientIdentity.reason }))

await app.listen(listenAddress)
