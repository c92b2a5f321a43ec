import { startHaproxy } from './harness/haproxy.js'
import { describeTopology } from './harness/topology.js'

/** HAProxy connects from 127.0.0.1; the clients come from other addresses of the loopback. */
const policy = { hops: [{ name: 'haproxy', from: ['127.0.0.1'], asserts: 'proxy-protocol' }] }
const expected = { source: 'proxy-protocol', reason: 'first-untrusted', peer: '127.0.0.1' }

for (const server of ['send-proxy', 'send-proxy-v2', 'send-proxy-v2-ssl']) {
  // TCP mode: what follows the header is the client's own connection, its TLS included.
  describeTopology({
    title: `HAProxy with ${server}`,
    peers: ['haproxy'],
    policy,
    expected,
    async inFrontOf(app, own) {
      const { ports } = own(await startHaproxy({ client: { mode: 'tcp', to: app.port, server } }))
      return `${app.scheme}://127.0.0.1:${ports.client}/`
    },
  })
}

describeTopology({
  title: 'HAProxy that ends TLS, with send-proxy-v2-ssl',
  peers: ['haproxy'],
  policy,
  expected,
  async inFrontOf(app, own) {
    const server =
      app.scheme === 'https' ? 'send-proxy-v2-ssl ssl verify none' : 'send-proxy-v2-ssl'
    const route = { mode: 'http', tls: true, to: app.port, server } as const
    const { ports } = own(await startHaproxy({ client: route }))
    return `https://127.0.0.1:${ports.client}/`
  },
})
