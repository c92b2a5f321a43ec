import type { Platform } from '../platform.js'

export const caddy: Platform = {
  id: 'caddy',
  name: 'Caddy',
  peer: 'user; usually loopback or Docker network',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto', 'host'] }],
  },
  parameters: [
    {
      name: 'from',
      required: true,
      says: '`loopback`, or the container or host that Caddy runs in',
    },
  ],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'replaced by the peer; appended when the peer is in trusted_proxies',
      form: 'address, zone removed',
      note: 'since 2.5 (before: appended)',
    },
    { name: 'x-real-ip', mode: 'passed through', form: '', note: 'client can set it' },
  ],
  scheme: 'X-Forwarded-Proto and -Host written (kept from trusted peers); -Port not',
  clientCanInfluence: 'X-Real-IP, Forwarded and all other headers',
  closesDirectAccess: 'Listen on loopback or on a network that only Caddy shares.',
  proxyProtocol: 'v1/v2 in (listener wrapper), v1/v2 out (transport proxy_protocol)',
  healthChecks: 'active health checks without XFF (inferred)',
  sources: [
    {
      what: 'caddyserver/caddy modules/caddyhttp/reverseproxy/reverseproxy.go addForwardedHeaders',
      confidence: 'source code',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: version 2.5 as the turning point; listener wrapper; health',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
