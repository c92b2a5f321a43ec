import type { Platform } from '../platform.js'

export const netlify: Platform = {
  id: 'netlify',
  name: 'Netlify',
  peer: 'functions: no TCP peer (adapter value, usually 127.0.0.1 or undefined); rewrite to an external server: public Netlify addresses, not published',
  peers: ['event'],
  rules: {
    'x-nf-client-connection-ip': [
      { asserts: 'x-nf-client-connection-ip', required: true, original: [] },
    ],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-nf-client-connection-ip',
      mode: 'written',
      form: 'address',
      note: 'staff: the right header; kept when other X-Nf- headers were stripped in 2022',
    },
    { name: 'x-forwarded-for', mode: 'append or list', form: '', note: 'not documented' },
    { name: 'client-ip', mode: 'removed 2022', form: '', note: '' },
  ],
  scheme: 'not found',
  clientCanInfluence:
    'X-Forwarded-For; whether a client-sent X-Nf-Client-Connection-Ip is replaced is claimed by users, not found in vendor text',
  closesDirectAccess:
    'Functions are reached only through the edge. A server behind a rewrite needs `from`, and Netlify publishes no ranges.',
  proxyProtocol: 'no',
  healthChecks: 'none',
  sources: [
    {
      what: 'answers.netlify.com/t/52665 (staff)',
      confidence: 'stated by maintainer',
      read: '2026-11-30',
    },
    {
      what: 'context.ip / header use in repositories',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
  ],
}
