import type { Platform } from '../platform.js'

export const gcpCloudRun: Platform = {
  id: 'gcp-cloud-run',
  name: 'Google Cloud Run',
  peer: '169.254.169.126 (current), 169.254.8.129 and .128 (first generation, Cloud Functions); link-local',
  peers: ['linklocal'],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto'] }],
  },
  silentBehind: ['gcp-load-balancer'],
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append',
      form: 'client last (run.app, no load balancer); comma without blank',
      note: 'behind an external ALB: <client>,<lb-ip>: client second from the right; Firebase Hosting adds its own hop (216.239.x)',
    },
    { name: 'forwarded', mode: 'not confirmed', form: '', note: '' },
  ],
  scheme: 'X-Forwarded-Proto written (inferred)',
  clientCanInfluence:
    'everything left of the appended entry; requests straight to run.app when ingress=all bypass the load balancer',
  closesDirectAccess:
    'Ingress `internal-and-cloud-load-balancing`, if a load balancer is in front.',
  proxyProtocol: 'no',
  healthChecks: 'probes from inside the platform; not documented here',
  sources: [
    {
      what: '169.254.169.126: many repositories and logs',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: '169.254.8.129: many repositories and logs',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'appended single entry checked in production 2026-08-02; mishrasanjeev/agentic-org#1264',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'kubernetes/registry.k8s.io pkg/net/clientip/clientip.go (1 entry direct, second from right behind LB)',
      confidence: 'source code',
      read: '2026-11-30',
    },
    {
      what: 'kubernetes/registry.k8s.io#61: client, LB, client seen once in 2022',
      confidence: 'contradicting',
      read: '2026-11-30',
    },
    {
      what: 'GoogleCloudPlatform/esp-v2#318 (2020): with a client-sent header Cloud Run appends its own internal address',
      confidence: 'contradicting',
      read: '2026-11-30',
    },
  ],
}
