import type { Platform } from '../platform.js'

export const ngrok: Platform = {
  id: 'ngrok',
  name: 'ngrok',
  peer: 'agent: loopback or its container',
  peers: ['loopback'],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto'] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    { name: 'x-forwarded-for', mode: 'append', form: 'client last', note: '' },
    {
      name: 'x-forwarded-proto',
      mode: 'append (it becomes a list)',
      form: 'last value is the true one',
      note: '',
    },
  ],
  scheme: 'X-Forwarded-Proto appended, X-Forwarded-Host passed through when present',
  clientCanInfluence:
    'XFF and X-Forwarded-Proto to the left; X-Forwarded-Host: the client value is kept',
  closesDirectAccess: 'Listen only on loopback, or on the network that the agent shares.',
  proxyProtocol: 'v1/v2 to the upstream as option',
  healthChecks: 'none',
  sources: [
    {
      what: 'ngrok docs universal-gateway/http-s/upstream-headers',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: proxyProtocol',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
