/*
 * client ──> this application
 *
 * Nothing stands in front, or what does keeps the client's address on the connection: an AWS
 * Network Load Balancer with client IP preservation, a Kubernetes Service with
 * `externalTrafficPolicy: Local`. Nobody is trusted; forwarding headers are the client's text.
 */
import { truehop } from '@truehop/fastify'
import Fastify from 'fastify'
import { listenAddress } from './listen-address.js'

const app = Fastify({ logger: true })

await app.register(truehop, { hops: [] })

app.get('/', ({ clientIp, clientIdentity }) => ({ client: clientIp, why: clientIdentity.reason }))

await app.listen(listenAddress)
