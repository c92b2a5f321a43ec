import type { HopsOptions } from '../../src/index.js'

/** One request: who connects, and what it carries. */
export interface Request {
  readonly peer: string
  readonly headers?: Readonly<Record<string, string>>
}

type Hops = HopsOptions['hops']

/** What everybody writes first. */
export const OBVIOUS: Hops = trusting('private')

function trusting(from: string): Hops {
  return [{ name: 'hop-1', from: [from], asserts: 'x-forwarded-for' }]
}

/** Some two hundred visitors. */
export const visitor = (n: number) => `198.51.${100 + (n % 4)}.${1 + ((n * 7) % 250)}`

/** Every visitor comes out as one address of the platform, and what is then advised. */
export const COLLAPSED: readonly (readonly [
  name: string,
  hops: Hops,
  request: (n: number) => Request,
  advice: RegExp,
])[] = [
  [
    'Fly: the rightmost entry is the address of the app',
    OBVIOUS,
    (n) => ({
      peer: '172.16.17.18',
      headers: { 'x-forwarded-for': `${visitor(n)}, 203.0.113.33`, 'fly-client-ip': visitor(n) },
    }),
    /'fly'/,
  ],
  [
    'Railway: the peer is in 100.64.0.0/10, which private does not hold',
    OBVIOUS,
    (n) => ({
      peer: '100.64.0.3',
      headers: { 'x-forwarded-for': `${visitor(n)}, 203.0.113.146`, 'x-real-ip': visitor(n) },
    }),
    /'railway'/,
  ],
  [
    'Railway with its peers trusted for X-Forwarded-For',
    trusting('100.64.0.0/10'),
    (n) => ({
      peer: '100.64.0.3',
      headers: {
        'x-forwarded-for': `${visitor(n)}, 203.0.113.${n % 3}`,
        'x-real-ip': visitor(n),
        'x-railway-edge': 'railway/europe-west4-drams3a',
      },
    }),
    /'railway'/,
  ],
  [
    'Google Cloud load balancer, its front ends not trusted',
    OBVIOUS,
    (n) => ({
      peer: `35.191.0.${n % 200}`,
      headers: { 'x-forwarded-for': `${visitor(n)},203.0.113.80` },
    }),
    /'gcp-load-balancer'/,
  ],
  [
    'Cloud Run behind a load balancer, its peer not trusted',
    OBVIOUS,
    (n) => ({
      peer: '169.254.169.126',
      headers: { 'x-forwarded-for': `${visitor(n)},203.0.113.80` },
    }),
    /'gcp-cloud-run'/,
  ],
  [
    'a balancer that appends its own address, whose visitors come back',
    trusting('35.191.0.0/16'),
    (n) => ({
      peer: '35.191.0.9',
      headers: { 'x-forwarded-for': `${visitor(n % 120)},203.0.113.80` },
    }),
    /platform/,
  ],
  [
    'Render: the chain ends at Cloudflare',
    OBVIOUS,
    (n) => ({
      peer: '10.201.3.4',
      headers: {
        'x-forwarded-for': `${visitor(n)}, 172.71.${n % 200}.118, 10.201.44.1`,
        'cf-connecting-ip': visitor(n),
        'rndr-id': 'a1b2',
      },
    }),
    /'render'/,
  ],
  [
    'DigitalOcean App Platform: the last entry is its ingress',
    OBVIOUS,
    (n) => ({
      peer: '10.244.0.12',
      headers: {
        'x-forwarded-for': `${visitor(n)}, 203.0.113.5`,
        'do-connecting-ip': visitor(n),
      },
    }),
    /'digitalocean-app-platform'/,
  ],
  [
    'CloudFront before a load balancer',
    OBVIOUS,
    (n) => ({
      peer: '10.0.1.4',
      headers: { 'x-forwarded-for': `${visitor(n)}, 130.176.${n % 100}.7` },
    }),
    /'aws-cloudfront'/,
  ],
  [
    'klipper: the ingress saw the node',
    OBVIOUS,
    () => ({ peer: '10.42.0.8', headers: { 'x-forwarded-for': '10.42.0.1' } }),
    /externalTrafficPolicy/,
  ],
  [
    'a proxy of one’s own behind a TCP load balancer, and not in the policy',
    [{ name: 'hop-1', from: ['10.0.9.0/24'], asserts: 'x-forwarded-for' }],
    (n) => ({ peer: '10.0.0.5', headers: { 'x-forwarded-for': visitor(n) } }),
    /name it with/,
  ],
  ["Docker's userland proxy", OBVIOUS, () => ({ peer: '172.17.0.1' }), /userland/],
]

/** One address, or text that a client writes, for another reason than the policy. */
export const HEALTHY: readonly (readonly [
  name: string,
  hops: Hops,
  request: (n: number) => Request,
])[] = [
  [
    'visitors through one proxy',
    OBVIOUS,
    (n) => ({ peer: '10.0.0.5', headers: { 'x-forwarded-for': visitor(n) } }),
  ],
  [
    'an office behind one NAT',
    OBVIOUS,
    () => ({ peer: '10.0.0.5', headers: { 'x-forwarded-for': '203.0.113.9' } }),
  ],
  [
    'an office whose forward proxy writes down the addresses inside',
    OBVIOUS,
    (n) => ({
      peer: '10.0.0.5',
      headers: { 'x-forwarded-for': `192.168.${n % 3}.${n % 60}, 203.0.113.9` },
    }),
  ],
  ['a load test from one machine', OBVIOUS, () => ({ peer: '203.0.113.9' })],
  [
    'a health checker',
    OBVIOUS,
    () => ({ peer: '10.0.0.5', headers: { 'user-agent': 'ELB-HealthChecker/2.0' } }),
  ],
  [
    'probes of a Kubernetes node',
    OBVIOUS,
    () => ({ peer: '10.42.0.1', headers: { 'user-agent': 'kube-probe/1.33' } }),
  ],
  [
    'a crawler',
    OBVIOUS,
    (n) => ({ peer: '10.0.0.5', headers: { 'x-forwarded-for': `192.0.2.${n % 20}` } }),
  ],
  [
    'an attacker who forges a new list with each request',
    OBVIOUS,
    (n) => ({
      peer: '10.0.0.5',
      headers: { 'x-forwarded-for': `9.${n}.${(n * 3) % 256}.7, 203.0.113.66` },
    }),
  ],
  [
    'an attacker who forges a longer list with each request',
    OBVIOUS,
    (n) => ({
      peer: '10.0.0.5',
      headers: {
        'x-forwarded-for': `${Array.from({ length: n % 9 }, (_, i) => `9.${n}.${i}.7`).join(', ')}, 203.0.113.66`,
      },
    }),
  ],
  [
    'an attacker who connects past the proxy',
    OBVIOUS,
    (n) => ({ peer: '203.0.113.66', headers: { 'x-forwarded-for': `9.${n}.${(n * 3) % 256}.7` } }),
  ],
  [
    'an attacker among visitors, who also writes platform headers',
    OBVIOUS,
    (n) =>
      n % 2 === 0
        ? { peer: '10.0.0.5', headers: { 'x-forwarded-for': visitor(n) } }
        : {
            peer: '10.0.0.5',
            headers: {
              'x-forwarded-for': `9.9.${n}.7, 203.0.113.66`,
              'fly-client-ip': `9.9.${n}.7`,
            },
          },
  ],
  [
    'some visitors by way of iCloud Private Relay or WARP',
    OBVIOUS,
    (n) => ({
      peer: '10.0.0.5',
      headers: { 'x-forwarded-for': n % 5 === 0 ? '104.28.1.1' : visitor(n) },
    }),
  ],
  [
    'an attacker past the proxy, who forges what a platform writes too',
    OBVIOUS,
    (n) => ({
      peer: n % 3 === 0 ? '203.0.113.66' : visitor(n),
      headers: {
        'x-forwarded-for': `9.${n % 256}.7.7`,
        'x-real-ip': `9.${n % 256}.7.7`,
        'x-railway-edge': 'railway/x',
      },
    }),
  ],
  [
    'an attacker who comes back with a few forged lists',
    OBVIOUS,
    (n) => ({
      peer: '10.0.0.5',
      headers: { 'x-forwarded-for': `9.9.9.${n % 40}, 203.0.113.66` },
    }),
  ],
  [
    'Fly with its own policy',
    [{ platform: 'fly' }],
    (n) => ({
      peer: '172.16.17.18',
      headers: { 'x-forwarded-for': `${visitor(n)}, 203.0.113.33`, 'fly-client-ip': visitor(n) },
    }),
  ],
]
