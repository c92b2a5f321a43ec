import { describe, expect, test } from 'vitest'
import { type Collapse, CollapseAlarm } from '../../src/alarm/collapse-alarm.js'
import { definePolicy, type PolicyOptions, resolve } from '../../src/index.js'

interface Request {
  readonly peer: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What the alarm says after so many requests under the policy. */
function alarmsAfter(
  count: number,
  options: PolicyOptions,
  request: (n: number) => Request,
): Collapse[] {
  const policy = definePolicy(options)
  const raised: Collapse[] = []
  const alarm = new CollapseAlarm(
    (collapse) => raised.push(collapse),
    () => 0,
  )
  for (let n = 0; n < count; n++) {
    const evidence = { proxyHeaders: [], ...request(n) }
    alarm.observe(resolve(policy, evidence), evidence)
  }
  return raised
}

const OBVIOUS: PolicyOptions = { trust: ['private'], header: 'x-forwarded-for' }
/** Some two hundred visitors. */
const visitor = (n: number) => `198.51.${100 + (n % 4)}.${1 + ((n * 7) % 250)}`

const COLLAPSED: [
  name: string,
  policy: PolicyOptions,
  request: (n: number) => Request,
  advice: RegExp,
][] = [
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
    { trust: ['100.64.0.0/10'], header: 'x-forwarded-for' },
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
    { trust: ['35.191.0.0/16'], header: 'x-forwarded-for' },
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
  ["Docker's userland proxy", OBVIOUS, () => ({ peer: '172.17.0.1' }), /userland/],
]

const HEALTHY: [name: string, policy: PolicyOptions, request: (n: number) => Request][] = [
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
    'Fly with its own policy',
    { platform: 'fly' },
    (n) => ({
      peer: '172.16.17.18',
      headers: { 'x-forwarded-for': `${visitor(n)}, 203.0.113.33`, 'fly-client-ip': visitor(n) },
    }),
  ],
]

describe('the alarm for a policy that does not fit its surroundings', () => {
  test.each(COLLAPSED)('is raised within 200 requests: %s', (_name, policy, request, advice) => {
    const raised = alarmsAfter(200, policy, request)
    expect(raised.map(({ kind }) => kind)).toHaveLength(1)
    expect(raised[0]?.advice).toMatch(advice)
    expect(raised[0]?.seen['decisions']).toBe(200)
  })

  test.each(HEALTHY)('is not raised by %s', (_name, policy, request) => {
    expect(alarmsAfter(2000, policy, request)).toEqual([])
  })

  test('is raised when trusted peers stop to send their header, and visitors still come', () => {
    const agents = (n: number) => ({ 'user-agent': `Browser/${n % 30}` })
    const raised = alarmsAfter(600, OBVIOUS, (n) => ({
      peer: `10.0.0.${5 + (n % 3)}`,
      headers: n < 300 ? { 'x-forwarded-for': visitor(n), ...agents(n) } : agents(n),
    }))
    expect(raised.map(({ kind, rule }) => [kind, rule])).toEqual([['header-stopped', 'hop-1']])
  })

  test('is not raised at night, when only health checks come', () => {
    const raised = alarmsAfter(800, OBVIOUS, (n) => ({
      peer: '10.0.0.5',
      headers: n < 300 ? { 'x-forwarded-for': visitor(n) } : { 'user-agent': 'kube-probe/1.33' },
    }))
    expect(raised).toEqual([])
  })

  test('is raised once, however long it goes on', () => {
    expect(alarmsAfter(5000, OBVIOUS, () => ({ peer: '172.17.0.1' }))).toHaveLength(1)
  })

  test.each([
    ['text of a megabyte', 'x'.repeat(1_000_000)],
    ['a hundred thousand elements', '1.1.1.1,'.repeat(100_000)],
    ['nothing but commas', ','.repeat(100_000)],
    ['an unclosed bracket', '[2001:db8::1, 203.0.113.9'],
  ])('takes %s', (_name, text) => {
    expect(
      alarmsAfter(201, OBVIOUS, () => ({
        peer: '203.0.113.9',
        headers: { 'x-forwarded-for': text },
      })),
    ).toEqual([])
  })
})
