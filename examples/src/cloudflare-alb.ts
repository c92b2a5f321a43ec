/*
 * client ──> Cloudflare ──> AWS Application Load Balancer ──HTTP──> this application
 *
 * Cloudflare names its client in CF-Connecting-IP. The load balancer appends its peer,
 * which is Cloudflare, to X-Forwarded-For. Two hops, two headers: a client that finds the load
 * balancer and goes past Cloudflare is named by the load balancer, and their CF-Connecting-IP is
 * not read, because no rule trusts their address.
 *
 *     ALB=10.0.1.0/24,10.0.2.0/24 node cloudflare-alb.js
 */
import { truehop } from '@truehop/fastify'
import { providers } from '@truehop/identity'
import Fastify from 'fastify'
import { listenAddress } from './listen-address.js'

const subnets = (process.env['ALB'] ?? '10.0.1.0/24,10.0.2.0/24').split(',')

const app = Fastify({ logger: true })

await app.register(truehop, {
  hops: [
    { name: 'alb', from: subnets, asserts: 'x-forwarded-for' },
    { name: 'cloudflare', from: providers.cloudflare.entries, asserts: 'cf-connecting-ip' },
  ],
})

app.get('/', ({ clientIp, clientIdentity }) => ({ client: clientIp, why: clientIdentity.reason }))

await app.listen(listenAddress)
