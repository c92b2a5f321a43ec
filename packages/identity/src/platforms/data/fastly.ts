import { fastlyRanges } from '../../ranges/snapshots/fastly.js'
import type { Platform } from '../platform.js'

export const fastly: Platform = {
  id: 'fastly',
  name: 'Fastly',
  peer: 'public-ip-list',
  peers: fastlyRanges.entries,
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', required: true, original: [] }],
    'fastly-client-ip': [{ asserts: 'fastly-client-ip', required: true, original: [] }],
  },
  parameters: [
    { name: 'from', required: false, says: 'in place of the platform’s own peers' },
    {
      name: 'header',
      required: false,
      values: ['x-forwarded-for', 'fastly-client-ip'],
      says: '`fastly-client-ip` only where VCL removes a client’s own: `unset req.http.Fastly-Client-IP` in vcl_recv of the edge',
    },
  ],
  ranges: fastlyRanges,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append, ONLY when the client connected with TLS',
      form: 'client last; with shielding <client>, <edge PoP> (PoP only if the origin uses TLS)',
      note: 'plain-http client: header is the client text unchanged',
    },
    {
      name: 'fastly-client-ip',
      mode: 'set only when absent',
      form: 'address',
      note: 'client can set it unless VCL removes it',
    },
    { name: 'x-forwarded-server, x-forwarded-host', mode: 'append (TLS only)', form: '', note: '' },
  ],
  scheme:
    'X-Forwarded-Host appended on TLS, passed through otherwise; -Proto not written by default; Fastly-SSL (not looked up)',
  clientCanInfluence:
    'Fastly-Client-IP; the whole XFF over plain HTTP; every Fastly customer comes from the ranges',
  closesDirectAccess:
    'A firewall with the published ranges and a secret header; force TLS, since Fastly writes nothing for plain HTTP.',
  proxyProtocol: 'no',
  healthChecks: 'from the ranges',
  sources: [
    {
      what: 'docs.fastly.com manipulating-the-x-forwarded-for-header; fastly.com/documentation/reference/http/http-headers/{X-Forwarded-For,X-Forwarded-Host,Fastly-Client-IP}',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: -Proto, Fastly-SSL',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
