/*
 * client ──> Cloudflare ──> AWS NLB ──TCP, PROXY v2──> nginx ──HTTP──> this application
 *
 *     server {
 *       listen 443 ssl proxy_protocol;
 *       set_real_ip_from 10.0.0.0/16;       # the NLB
 *       real_ip_header proxy_protocol;      # $remote_addr is the NLB's peer
 *       location / {
 *         proxy_pass http://127.0.0.1:3000;
 *         proxy_set_header X-Forwarded-For $remote_addr;
 *         proxy_set_header X-Forwarded-Proto $scheme;
 *       }
 *     }
 *
 * nginx ends TLS and the PROXY protocol, and passes on what the PROXY header said. The
 * application's socket peer is nginx; X-Forwarded-For names the Cloudflare server; its
 * CF-Connecting-IP, which nginx passes on as it came, names the client.
 */
import { truehop } from '@truehop/express'
import { providers } from '@truehop/identity'
import express from 'express'
import { listenAddress } from './listen-address.js'

const identity = truehop({
  hops: [
    { name: 'nginx', from: ['loopback'], asserts: 'x-forwarded-for', required: true },
    {
      name: 'cloudflare',
      from: providers.cloudflare.entries,
      asserts: 'cf-connecting-ip',
      required: true,
    },
  ],
})

const app = express()
app.use(identity)

app.get('/', (request, response) => {
  response.json({ client: request.clientIp, why: request.clientIdentity.reason })
})

identity.attach(app.listen(listenAddress.port, listenAddress.host))
