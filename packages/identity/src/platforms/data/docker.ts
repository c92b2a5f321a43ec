import type { Platform } from '../platform.js'

export const docker: Platform = {
  id: 'docker',
  name: 'Docker (bridge network)',
  peer: 'external IPv4 to a published port: client preserved (DNAT); userland proxy cases (IPv6 to IPv4-only container, host-local, rootless, Desktop): bridge gateway 172.17.0.1 or 172.x.0.1',
  peers: ['172.17.0.1', '172.18.0.1', '172.19.0.1', '172.20.0.1', '172.21.0.1', '172.22.0.1', '172.23.0.1', '172.24.0.1', '172.25.0.1', '172.26.0.1', '172.27.0.1', '172.28.0.1', '172.29.0.1', '172.30.0.1', '172.31.0.1', '192.168.0.1', '192.168.16.1', '192.168.32.1', '192.168.48.1', '192.168.64.1', '192.168.80.1', '192.168.96.1', '192.168.112.1', '192.168.128.1', '192.168.144.1', '192.168.160.1', '192.168.176.1', '192.168.192.1', '192.168.208.1', '192.168.224.1', '192.168.240.1'],
  rules: {
    'nothing': [
      { asserts: 'nothing', original: [] },
    ],
  },
  parameters: [
    { name: 'from', required: false, says: 'in place of the platform’s own peers' },
  ],
  ranges: undefined,
  writes: [
  ],
  scheme: 'none',
  clientCanInfluence: 'nothing, there is no header; the address is lost',
  closesDirectAccess: 'Nothing needs closing: there is no header. Publish the port by DNAT (no userland proxy) or use the host network to keep addresses.',
  proxyProtocol: 'none',
  healthChecks: 'none',
  sources: [
    { what: 'polarathene in moby/moby#15086, caddyserver/caddy-docker#406, docker/docs#17312', confidence: 'observed by users', read: '2026-11-30' },
    { what: 'moby/moby#41789 (rootless), #46026 (Desktop), nginx-proxy/nginx-proxy#935', confidence: 'observed by users', read: '2026-11-30' },
  ],
}
