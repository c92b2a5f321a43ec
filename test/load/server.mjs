// The server under load, in a process of its own so that its memory is its own. It answers each
// request with the client that its connection's PROXY header names, and tells figures when asked.
//
//   node --expose-gc server.mjs <timeout in ms>

import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { acceptProxyProtocol, proxyEvidence } from '../../packages/proxy-protocol/dist/index.js'

const server = createServer((request, response) => {
  const source = proxyEvidence(request).headers[0]?.source
  response.end(source && 'address' in source ? `${source.address} ${source.port}` : 'no header')
})
const handle = acceptProxyProtocol(server, {
  from: ['loopback'],
  timeout: Number(process.argv[2]),
  unsafeShortTimeout: true,
})

/** Memory in bytes once everything that can be collected has been. */
async function figures() {
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.()
    await delay(20)
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  const connections = await new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
  return { heapUsed, arrayBuffers, rss, connections, counters: handle.counters }
}

process.on('message', async () => process.send?.(await figures()))
process.on('disconnect', () => process.exit())
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port })
})
