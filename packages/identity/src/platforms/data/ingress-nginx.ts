import type { Platform } from '../platform.js'

export const ingressNginx: Platform = {
  id: 'ingress-nginx',
  name: 'Ingress NGINX Controller',
  peer: 'controller pods (user: pod or node network)',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto', 'host', 'port'] }],
  },
  parameters: [
    {
      name: 'from',
      required: true,
      says: 'the pod network of the controller, from `kubectl get nodes -o jsonpath="{.items[*].spec.podCIDR}"`',
    },
  ],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'replaced by $remote_addr (default); passed/appended with use-forwarded-headers and compute-full-forwarded-for',
      form: 'address',
      note: '',
    },
    { name: 'x-real-ip', mode: 'written', form: 'address', note: '' },
    { name: 'x-original-forwarded-for', mode: 'old value', form: '', note: '' },
  ],
  scheme: 'X-Forwarded-Proto, -Host, -Port, -Scheme written',
  clientCanInfluence: 'nothing by default; all with use-forwarded-headers=true',
  closesDirectAccess: 'A NetworkPolicy that allows only the controller.',
  proxyProtocol: 'in: use-proxy-protocol; out: v1 per annotation (not looked up)',
  healthChecks: 'none',
  retired: '2026-03',
  sources: [
    {
      what: 'ConfigMap table: compute-full-forwarded-for default "false"',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'retired 2026-03-24: kubernetes.io/blog/2025/11/11/ingress-nginx-retirement, 2026/01/29 statement',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: x-real-ip, x-original-forwarded-for, X-Forwarded-* written, proxyProtocol',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
