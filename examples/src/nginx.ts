/*
 * client ──> nginx ──HTTP──> this application
 *
 *     location / {
 *       proxy_pass http://127.0.0.1:3000;
 *       proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
 *       proxy_set_header X-Forwarded-Proto $scheme;
 *     }
 *
 * nginx runs on the same machine and appends the address of its client. The rule believes its word
 * about the scheme too: without the second line a client's own would be handed on.
 */
import { truehop } from '@truehop/fastify'
import Fastify from 'fastify'
import { listenAddress } from './listen-address.js'

const app = Fastify({ logger: true })

await app.register(truehop, { trust: ['loopback'], header: 'x-forwarded-for' })

app.get('/', ({ clientIp, clientIdentity }) => ({ client: clientIp, why: clientIdentity.reason }))

await app.listen(listenAddress)
