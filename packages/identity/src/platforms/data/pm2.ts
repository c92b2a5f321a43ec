import type { Platform } from '../platform.js'

export const pm2: Platform = {
  id: 'pm2',
  name: 'PM2',
  peer: 'the client itself, in fork mode and in cluster mode: the primary accepts a connection and passes the socket on to a worker, and no proxy stands between',
  peers: [],
  rules: { nothing: [] },
  parameters: [],
  ranges: undefined,
  writes: [],
  scheme: 'none',
  clientCanInfluence: 'every header, since none is read',
  closesDirectAccess:
    'Nothing needs closing: PM2 is not a hop. Where a proxy stands in front, close the way past that proxy.',
  proxyProtocol: 'none; a header that a proxy sends arrives in the worker',
  healthChecks: 'none',
  sources: [
    {
      what: 'pm2 6.0.5 lib/God/ClusterMode.js: cluster mode is cluster.fork of Node’s own module',
      confidence: 'source code',
      read: '2026-11-30',
    },
    {
      what: 'PM2 6 in cluster mode with two workers, tried from several addresses: each is its own peer',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'nodejs/node doc/api/cluster.md, how it works: the primary distributes accepted connections, or workers accept from a shared handle',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
  ],
}
