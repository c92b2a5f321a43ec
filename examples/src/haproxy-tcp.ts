/*
 * client ──> HAProxy ──TCP, PROXY v2──> this application
 *
 *     frontend web
 *       mode tcp
 *       bind :443
 *       default_backend app
 *     backend app
 *       mode tcp
 *       server app 127.0.0.1:3000 send-proxy-v2 check
 *
 * HAProxy runs on the same machine and forwards bytes that it need not understand, TLS for one. Its
 * checks carry a LOCAL header (`check` with `send-proxy-v2` does that by itself).
 */
import { truehop } from '@truehop/express'
import express from 'express'
import { listenAddress } from './listen-address.js'

const identity = truehop({
  hops: [{ name: 'haproxy', from: ['loopback'], asserts: 'proxy-protocol' }],
})

const app = express()
app.use(identity)

app.get('/', (request, response) => {
  response.json({ client: request.clientIp, why: request.clientIdentity.reason })
})

identity.attach(app.listen(listenAddress.port, listenAddress.host))
