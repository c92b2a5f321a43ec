// Sends frames of HTTP/2 to an h2c server in one read, at every split of them, with a PROXY header in
// front and without a receiver, and counts what ends the process.
//
//   node test/field/delivery/h2c.mjs [--every 1] [--json]
//
// Runs on what the build wrote. `--every n` takes each n-th split only. What fails without the receiver
// too is Node's own.

import { once } from 'node:events'
import { createServer } from 'node:http2'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { acceptProxyProtocol } from '../../../packages/proxy-protocol/dist/index.js'
import { CASES } from './frames.mjs'

const { values } = parseArgs({
  options: { every: { type: 'string', default: '1' }, json: { type: 'boolean', default: false } },
})
const every = Number(values.every)
const HEADER = Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.1 1 2\r\n')

/** Applications as they are written, and those that end a connection when they see it. */
const APPS = {
  requests: (server) => server.on('request', (_, response) => response.end('answer')),
  streams: (server) =>
    server.on('stream', (stream) => {
      stream.on('error', () => {})
      stream.respond({ ':status': 200 })
      stream.end('answer')
    }),
  'ends sessions': (server) => server.on('session', (session) => session.destroy()),
  'ends sockets': (server) => server.on('connection', (socket) => socket.destroy()),
  'ends sockets first': (server) => server.prependListener('connection', (s) => s.destroy()),
}

/** @type {string[]} */
let uncaught = []
process.on('uncaughtException', (/** @type {NodeJS.ErrnoException} */ error) =>
  uncaught.push(error.code ?? error.message),
)

/** @typedef {{ app: string, case: string, error: string }} Failure */
/** @type {{ connections: number, withReceiver: Failure[], without: Failure[] }} */
const result = { connections: 0, withReceiver: [], without: [] }
for (const [app, build] of Object.entries(APPS)) {
  result.withReceiver.push(...(await run(app, build, HEADER)))
  result.without.push(...(await run(app, build, Buffer.alloc(0))))
}
if (values.json) console.log(JSON.stringify(result))
else console.log(process.version, result)
process.exit(result.withReceiver.length > 0 ? 1 : 0)

async function run(app, build, header) {
  const failures = []
  for (const [name, payload] of Object.entries(CASES)) {
    const server = createServer()
    server.on('sessionError', () => {})
    build(server)
    if (header.length > 0) acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    uncaught = []
    const splits = []
    for (let at = 0; at < payload.length; at += every) splits.push(at)
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    await Promise.all(splits.map((at) => send(port, header, payload, at)))
    await delay(20)
    server.close()
    for (const error of uncaught) failures.push({ app, case: name, error })
  }
  return failures
}

/** The header and `at` bytes in one write, then the rest; `at` 0 is all in one. */
async function send(port, header, payload, at) {
  result.connections++
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  const cut = at === 0 ? payload.length : at
  socket.write(Buffer.concat([header, payload.subarray(0, cut)]))
  await delay(10)
  if (!socket.destroyed && cut < payload.length) socket.write(payload.subarray(cut))
  await delay(20)
  socket.destroy()
}
