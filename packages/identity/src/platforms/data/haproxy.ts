import type { Platform } from '../platform.js'

export const haproxy: Platform = {
  id: 'haproxy',
  name: 'HAProxy',
  peer: 'user',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto'] }],
    'x-real-ip': [{ asserts: 'x-real-ip', original: ['proto'] }],
    forwarded: [{ asserts: 'forwarded', original: ['proto'] }],
    'proxy-protocol': [{ asserts: 'proxy-protocol', original: [] }],
  },
  parameters: [
    { name: 'from', required: true, says: '`loopback`, or the host that HAProxy runs on' },
    {
      name: 'header',
      required: false,
      values: ['x-forwarded-for', 'x-real-ip', 'forwarded', 'proxy-protocol'],
      says: 'whichever HAProxy is configured to write: `option forwardfor`, `option forwarded`, `send-proxy-v2`',
    },
  ],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'added as an additional header line at the end (option forwardfor); if-none keeps the client value',
      form: 'address',
      note: 'nothing without the option; Node joins the lines',
    },
    { name: 'forwarded', mode: 'option forwarded', form: 'RFC 7239', note: '' },
    { name: 'x-real-ip', mode: 'only if configured', form: 'address', note: '' },
  ],
  scheme:
    'only if configured (http-request set-header); in mode tcp, the usual one for PROXY headers, what a client wrote passes',
  clientCanInfluence: 'earlier lines; everything when if-none',
  closesDirectAccess: 'Listen on loopback or behind a firewall that allows only HAProxy.',
  proxyProtocol: 'v1 send-proxy, v2 send-proxy-v2; in accept-proxy',
  healthChecks: 'LOCAL or without XFF (checks: send-proxy option)',
  sources: [
    {
      what: 'haproxy/haproxy doc/configuration.txt (2026-08-21), src/http_ext.c',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: proxyProtocol, health',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
