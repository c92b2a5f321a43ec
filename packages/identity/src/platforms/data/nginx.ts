import type { Platform } from '../platform.js'

export const nginx: Platform = {
  id: 'nginx',
  name: 'nginx',
  peer: 'user',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto'] }],
    'x-real-ip': [{ asserts: 'x-real-ip', original: ['proto'] }],
    forwarded: [{ asserts: 'forwarded', original: ['proto'] }],
    'proxy-protocol': [{ asserts: 'proxy-protocol', original: [] }],
  },
  parameters: [
    { name: 'from', required: true, says: '`loopback`, or the host that nginx runs on' },
    {
      name: 'header',
      required: false,
      values: ['x-forwarded-for', 'x-real-ip', 'forwarded', 'proxy-protocol'],
      says: 'whichever nginx is configured to write: `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for`',
    },
  ],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'default: passed through unchanged; $proxy_add_x_forwarded_for appends ", <peer>"; $remote_addr replaces',
      form: 'address',
      note: 'nothing is written without proxy_set_header',
    },
    { name: 'x-real-ip', mode: 'only if configured', form: 'address', note: '' },
    { name: 'forwarded', mode: 'only if configured', form: 'RFC 7239', note: '' },
  ],
  scheme:
    'only if configured; when it sends PROXY headers it does not read HTTP, and what a client wrote passes',
  clientCanInfluence: 'everything that no proxy_set_header rewrites (X-Forwarded-Proto too)',
  closesDirectAccess: 'Listen on loopback or behind a firewall that allows only nginx.',
  proxyProtocol: 'in: v1, v2 (proxy_protocol); out: v1 (stream; http since 1.29 not looked up)',
  healthChecks: 'none',
  sources: [
    {
      what: 'nginx/nginx.org xml/en/docs/http/ngx_http_proxy_module.xml: only Host and Connection are redefined',
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
