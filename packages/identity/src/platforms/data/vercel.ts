import type { Platform } from '../platform.js'

export const vercel: Platform = {
  id: 'vercel',
  name: 'Vercel',
  peer: 'functions: launcher inside the runtime (127.0.0.1, inferred)',
  peers: ['loopback'],
  rules: {
    'x-vercel-forwarded-for': [
      { asserts: 'x-vercel-forwarded-for', original: ['proto', 'host'] },
      {
        name: 'x-forwarded-for',
        asserts: 'x-forwarded-for',
        required: true,
        original: ['proto', 'host'],
      },
    ],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'overwritten',
      form: 'one public address',
      note: 'Enterprise trusted proxy changes that',
    },
    { name: 'x-real-ip', mode: 'written', form: 'identical to XFF', note: '' },
    {
      name: 'x-vercel-forwarded-for',
      mode: 'written',
      form: 'identical',
      note: 'the one that a proxy on top of Vercel cannot overwrite',
    },
  ],
  scheme: 'X-Forwarded-Proto and -Host (identical to Host) written',
  clientCanInfluence: 'nothing, unless trusted-proxy is bought',
  closesDirectAccess: 'Functions are reached only through the edge.',
  proxyProtocol: 'no',
  healthChecks: 'none',
  sources: [
    {
      what: 'vercel.com/docs/headers/request-headers (last updated 2025-12-13)',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'text as quoted by eight repositories',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: peer',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
