import type { Platform } from '../platform.js'

export const tailscale: Platform = {
  id: 'tailscale',
  name: 'Tailscale Serve and Funnel',
  peer: 'serve/funnel: loopback (tailscaled) or unix socket',
  peers: ['loopback', 'unix'],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto', 'host'] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'overwritten',
      form: 'address of the tailnet node, or of the funnel client',
      note: '',
    },
    {
      name: 'tailscale-user-login, -name, -profile-pic',
      mode: 'written or removed',
      form: '',
      note: 'absent for tagged nodes and funnel',
    },
    { name: 'tailscale-funnel-request', mode: '?1 on funnel', form: '', note: '' },
  ],
  scheme: 'X-Forwarded-Host written; X-Forwarded-Proto https only for TLS (removed otherwise)',
  clientCanInfluence: 'other headers; local programs',
  closesDirectAccess: 'Listen on loopback: other processes on the machine can write the headers.',
  proxyProtocol: 'v1/v2 for TCP forwards (--proxy-protocol)',
  healthChecks: 'none',
  sources: [
    {
      what: 'tailscale/tailscale ipn/ipnlocal/serve.go',
      confidence: 'source code',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: ranges, flag name; removal of a client X-Forwarded-Proto is Go ReverseProxy.Rewrite',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
