import type { Platform } from '../platform.js'

export const passenger: Platform = {
  id: 'passenger',
  name: 'Phusion Passenger',
  peer: 'a Unix socket; Passenger’s loader has Node say 127.0.0.1 for it from the first request on. With a start command of one’s own: 127.0.0.1',
  peers: ['unix', 'loopback'],
  rules: {
    '!~passenger-client-address': [
      { asserts: '!~passenger-client-address', required: true, original: [] },
    ],
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', required: true, original: [] }],
  },
  parameters: [
    { name: 'from', required: false, says: 'in place of the platform’s own peers' },
    {
      name: 'header',
      required: false,
      values: ['!~passenger-client-address', 'x-forwarded-for'],
      says: '`x-forwarded-for` for Passenger before 5.0.21, which has no secure headers',
    },
  ],
  ranges: undefined,
  writes: [
    {
      name: '!~passenger-client-address',
      mode: 'written where nginx or Apache says the address; a request of a client with any header that begins with !~ is refused',
      form: 'address',
      note: 'the documentation says “host name or IP address”, the source hands on REMOTE_ADDR; since 5.0.21',
    },
    {
      name: 'x-forwarded-for',
      mode: 'appended as a line of its own behind the client’s, which Node joins',
      form: 'address',
      note: 'not written where the address is not known, and the client’s then stands alone',
    },
    {
      name: 'x-forwarded-proto',
      mode: 'https appended as a line of its own for TLS alone; else the client’s passes',
      form: '',
      note: '!~Passenger-Proto is the one that cannot be forged',
    },
  ],
  scheme: 'https only for TLS, and behind what a client wrote; nothing for plain HTTP',
  clientCanInfluence:
    'X-Forwarded-For left of the last entry, X-Forwarded-Proto, X-Forwarded-Host; no header that begins with !~',
  closesDirectAccess:
    'The Unix socket is reached through Passenger alone. With a start command of your own, listen on loopback: other processes of the machine can then write the headers.',
  proxyProtocol: 'no; nginx or Apache in front may take it',
  healthChecks: 'none',
  sources: [
    {
      what: 'phusionpassenger.com/docs/advanced_guides/in_depth/node/secure_http_headers.html',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'phusion/passenger src/agent/Core/Controller/SendRequest.cpp (headers to the application), src/helper-scripts/node-loader.js (Unix socket, remoteAddress)',
      confidence: 'source code',
      read: '2026-11-30',
    },
    {
      what: 'phusion/passenger#1284: behind a balancer Apache’s mod_remoteip did not reach the application (3.0.21)',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'Passenger 6.0.17 behind Apache 2.4 of Debian, tried with forged headers: the last entry and the secure header name the client, a secure header of a client is answered 400, the socket is a Unix one',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'not looked up: what Passenger Standalone with its builtin engine says, and versions whose loader differs',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
