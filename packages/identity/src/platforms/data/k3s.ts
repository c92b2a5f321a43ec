import type { Platform } from '../platform.js'

export const k3s: Platform = {
  id: 'k3s',
  name: 'k3s (Traefik and ServiceLB)',
  peer: 'Traefik pod 10.42.0.0/16; what Traefik sees: svclb or node address unless externalTrafficPolicy: Local and Traefik on the receiving node',
  peers: ['10.42.0.0/16'],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto', 'host', 'port'] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'as Traefik (replaced by its peer)',
      form: '10.42.x.x or node address when lost',
      note: '',
    },
  ],
  scheme: 'as Traefik',
  clientCanInfluence: 'nothing',
  closesDirectAccess:
    'A NetworkPolicy that allows only Traefik; `externalTrafficPolicy: Local` keeps addresses.',
  proxyProtocol: 'none',
  healthChecks: 'none',
  sources: [
    {
      what: 'k3s-io/docs docs/networking/networking-services.md',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'k3s-io/k3s#1710 (svclb touches nothing at L7), #1652, #3391; klipper-lb#31',
      confidence: 'stated by maintainer',
      read: '2026-11-30',
    },
    {
      what: 'k3s-io/klipper-lb#14: source kept with Local, others report it lost with node-external-ip/NAT',
      confidence: 'contradicting',
      read: '2026-11-30',
    },
  ],
}
