/*
 * systemd ──opens the port──> hands it over as file descriptor 3 ──> this service
 *
 * Socket activation: systemd holds the port, so that a restart refuses nobody; connections wait in
 * the kernel until the next process accepts them. Started without systemd, it opens PORT itself.
 *
 *     systemd-socket-activate --listen 127.0.0.1:3000 node systemd.js
 */
import { createServer } from 'node:http'
import { truehop } from '@truehop/express'
import express from 'express'
import { listenAddress } from './listen-address.js'

const { PROXIES = '127.0.0.1', LISTEN_FDS, LISTEN_PID } = process.env

const app = express()
const identity = truehop({
  hops: [{ name: 'haproxy', from: PROXIES.split(','), asserts: 'proxy-protocol' }],
})
app.use(identity)
app.get('/', (request, response) => {
  response.json({ client: request.clientIp, pid: process.pid })
})

const server = identity.attach(createServer(app))
const isActivated = LISTEN_FDS === '1' && LISTEN_PID === String(process.pid)
server.listen(isActivated ? { fd: 3 } : listenAddress)

process.once('SIGTERM', () => server.close())
