import type { Platform } from '../platform.js'

export const linkerd: Platform = {
  id: 'linkerd',
  name: 'Linkerd',
  peer: 'older: 127.0.0.1; now the pod’s own address or loopback (sidecar)',
  peers: ['loopback'],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', required: true, original: [] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    { name: 'x-forwarded-for', mode: 'untouched', form: '', note: 'from the ingress only' },
    { name: 'l5d-remote-ip', mode: 'removed long ago', form: '', note: '' },
  ],
  scheme: 'untouched',
  clientCanInfluence: 'everything: XFF passes unmodified for every caller in the mesh',
  closesDirectAccess:
    'An authorization policy that allows only the ingress: Linkerd passes on what every caller wrote.',
  proxyProtocol: 'none (requested in #15474, 2026-07)',
  healthChecks: 'not looked up',
  sources: [
    {
      what: 'linkerd/linkerd2#4219, #4713, #3334, #2310, #15474',
      confidence: 'stated by maintainer',
      read: '2026-11-30',
    },
  ],
}
