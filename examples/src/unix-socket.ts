/*
 * client ──> nginx ──HTTP over a Unix socket──> this application
 *
 *     location / {
 *       proxy_pass http://unix:/run/app/app.sock:;
 *       proxy_set_header X-Real-IP $remote_addr;
 *       proxy_set_header X-Forwarded-Proto $scheme;
 *     }
 *
 * A Unix socket has no address: every process that may open the file is trusted, so its permissions
 * are the policy. A request without X-Real-IP is undetermined, as there is no other address.
 *
 *     SOCKET=/run/app/app.sock node unix-socket.js
 */
import { truehop } from '@truehop/fastify'
import Fastify from 'fastify'

const app = Fastify({ logger: true })

await app.register(truehop, { trust: ['unix'], header: 'x-real-ip' })

app.get('/', ({ clientIp, clientIdentity }) => ({ client: clientIp, why: clientIdentity.reason }))

await app.listen({ path: process.env['SOCKET'] ?? '/run/app/app.sock' })
