import { describeTopology } from './harness/topology.js'

/** curl writes its own addresses into the header: the rule must trust the clients themselves. */
describeTopology({
  title: 'curl --haproxy-protocol',
  peers: [],
  policy: { hops: [{ from: ['127.0.0.0/8'], asserts: 'proxy-protocol' }] },
  curl: { haproxyProtocol: true },
  expected: { source: 'proxy-protocol', reason: 'chain-exhausted', peer: '127.0.0.9' },
  inFrontOf: async (app) => `${app.url}/`,
})
