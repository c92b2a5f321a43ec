import { describe, expect, test } from 'vitest'
import {
  definePolicy,
  type PlatformEntry,
  PolicyError,
  type PolicyOptions,
  platforms,
  resolve,
} from '../../src/index.js'

const CLIENT = '198.51.100.7'
const FORGED = '192.0.2.66'
const OWN = ['10.0.0.0/16']
const CF_EDGE = '173.245.48.9'
const FASTLY = '151.101.1.6'
const AFD = '147.243.0.9'

type Case = readonly [
  what: string,
  hops: readonly PlatformEntry[],
  peer: string,
  headers: Readonly<Record<string, string>>,
  /** Undefined: undetermined. */
  client: string | undefined,
]

const xff = (text: string) => ({ 'x-forwarded-for': text })
const own = (platform: string): readonly PlatformEntry[] => [{ platform, from: OWN }]
const as = (platform: string): readonly PlatformEntry[] => [{ platform }]
/** What a client writes of every header that a platform could write. */
const forgedHeaders = {
  'x-real-ip': FORGED,
  'true-client-ip': FORGED,
  'fastly-client-ip': FORGED,
  'x-azure-clientip': FORGED,
  'x-envoy-external-address': FORGED,
  'x-client-ip': FORGED,
  forwarded: `for=${FORGED}`,
}

/** Platforms that append the client: the last entry counts, and nothing else. */
const APPENDING: readonly (readonly [hops: readonly PlatformEntry[], peer: string])[] = [
  [own('aws-alb'), '10.0.1.4'],
  [own('aws-api-gateway'), '10.0.1.4'],
  [as('aws-lambda'), 'event'],
  [as('gcp-cloud-run'), '169.254.169.126'],
  [as('azure-app-service'), '169.254.129.1'],
  [own('azure-application-gateway'), '10.0.1.4'],
  [as('heroku'), '10.1.23.4'],
  [own('traefik'), '10.0.1.4'],
  [own('caddy'), '10.0.1.4'],
  [own('nginx'), '10.0.1.4'],
  [own('haproxy'), '10.0.1.4'],
  [own('ingress-nginx'), '10.0.1.4'],
  [own('kgateway'), '10.0.1.4'],
  [own('envoy-gateway'), '10.0.1.4'],
  [as('istio-sidecar'), '127.0.0.6'],
  [as('linkerd'), '127.0.0.1'],
  [as('k3s'), '10.42.0.8'],
  [as('tailscale'), '127.0.0.1'],
  [as('ngrok'), '127.0.0.1'],
  [as('akamai'), '23.32.1.1'],
  [as('fastly'), FASTLY],
  [as('aws-cloudfront'), '130.176.1.1'],
  [as('bunny'), '89.187.188.227'],
  [as('linode-nodebalancer'), '192.168.255.9'],
  [own('hetzner-load-balancer'), '10.0.1.4'],
  [own('digitalocean-load-balancer'), '10.0.1.4'],
]

const CASES: readonly Case[] = [
  [
    'client and load balancer appended',
    as('gcp-load-balancer'),
    '35.191.0.9',
    xff(`${FORGED}, ${CLIENT},203.0.113.80`),
    CLIENT,
  ],
  ['one entry is one too few', as('gcp-load-balancer'), '35.191.0.9', xff(CLIENT), undefined],
  [
    'regional: the proxy-only subnet',
    own('gcp-load-balancer'),
    '10.0.9.2',
    xff(`${CLIENT},203.0.113.80`),
    CLIENT,
  ],
  [
    'Cloud Run behind the balancer',
    [{ platform: 'gcp-cloud-run' }, { platform: 'gcp-load-balancer' }],
    '169.254.169.126',
    xff(`${FORGED},${CLIENT},203.0.113.80`),
    CLIENT,
  ],
  [
    'the same the other way round',
    [{ platform: 'gcp-load-balancer' }, { platform: 'gcp-cloud-run' }],
    '169.254.169.126',
    xff(`${FORGED},${CLIENT},203.0.113.80`),
    CLIENT,
  ],
  [
    'App Service: ports of both families',
    as('azure-app-service'),
    '169.254.129.1',
    xff('[2001:db8::7]:50001'),
    '2001:db8::7',
  ],
  [
    'Front Door: the socket address',
    as('azure-front-door'),
    AFD,
    { 'x-azure-socketip': CLIENT, ...forgedHeaders },
    CLIENT,
  ],
  ['Front Door: without it nobody', as('azure-front-door'), AFD, forgedHeaders, undefined],
  [
    'App Service behind Front Door',
    [{ platform: 'azure-app-service' }, { platform: 'azure-front-door' }],
    '169.254.129.1',
    { ...xff(`${FORGED}, ${AFD}:50001`), 'x-azure-socketip': CLIENT },
    CLIENT,
  ],
  [
    'Render: Cloudflare’s word',
    as('render'),
    '10.201.3.4',
    {
      ...xff(`${FORGED}, ${CLIENT}, 172.71.95.118, 10.201.44.1`),
      'cf-connecting-ip': CLIENT,
      'true-client-ip': FORGED,
    },
    CLIENT,
  ],
  [
    'Render: two entries',
    as('render'),
    '10.201.3.4',
    { ...xff(`${CLIENT}, 172.71.95.118`), 'cf-connecting-ip': CLIENT },
    CLIENT,
  ],
  [
    'Render: forged past Cloudflare',
    as('render'),
    '10.201.3.4',
    { ...xff(CLIENT), 'cf-connecting-ip': FORGED },
    CLIENT,
  ],
  [
    'Railway: X-Real-IP',
    as('railway'),
    '100.64.0.3',
    { ...xff(`${CF_EDGE}, 203.0.113.146`), 'x-real-ip': CLIENT, 'cf-connecting-ip': FORGED },
    CLIENT,
  ],
  [
    'Railway: its peers alone',
    as('railway'),
    '203.0.113.66',
    { 'x-real-ip': FORGED },
    '203.0.113.66',
  ],
  [
    'Fly: Fly-Client-IP',
    as('fly'),
    '172.16.17.18',
    { ...xff(`${FORGED}, ${CLIENT}, 203.0.113.33`), 'fly-client-ip': CLIENT, ...forgedHeaders },
    CLIENT,
  ],
  [
    'Fly: another machine of the organisation',
    as('fly'),
    'fdaa:0:1::3',
    { 'fly-client-ip': FORGED },
    'fdaa:0:1::3',
  ],
  [
    'Fly behind Cloudflare',
    [{ platform: 'fly' }, { platform: 'cloudflare' }],
    '172.16.17.18',
    { 'fly-client-ip': CF_EDGE, 'cf-connecting-ip': CLIENT },
    CLIENT,
  ],
  [
    'Vercel',
    as('vercel'),
    '127.0.0.1',
    { ...xff(CLIENT), 'x-vercel-forwarded-for': CLIENT, 'x-real-ip': CLIENT },
    CLIENT,
  ],
  [
    'Netlify',
    as('netlify'),
    'event',
    { ...xff(FORGED), 'x-nf-client-connection-ip': CLIENT },
    CLIENT,
  ],
  [
    'App Platform',
    as('digitalocean-app-platform'),
    '10.244.0.12',
    { ...xff(`${FORGED}, 203.0.113.5`), 'do-connecting-ip': CLIENT },
    CLIENT,
  ],
  [
    'Cloudflare',
    as('cloudflare'),
    CF_EDGE,
    { ...xff(`${FORGED}, ${CLIENT}`), 'cf-connecting-ip': CLIENT, ...forgedHeaders },
    CLIENT,
  ],
  ['Cloudflare without its header', as('cloudflare'), CF_EDGE, xff(FORGED), undefined],
  [
    'Cloudflare, visitor headers removed',
    [{ platform: 'cloudflare', header: 'x-forwarded-for' }],
    CF_EDGE,
    xff(`${FORGED}, ${CLIENT}`),
    CLIENT,
  ],
  [
    'Cloudflare, Pseudo IPv4',
    as('cloudflare'),
    CF_EDGE,
    { 'cf-connecting-ip': '243.1.2.3', 'cf-connecting-ipv6': '2001:db8::7' },
    '2001:db8::7',
  ],
  [
    'Cloudflare, Pseudo IPv4 without the truth',
    as('cloudflare'),
    CF_EDGE,
    { 'cf-connecting-ip': '243.1.2.3' },
    undefined,
  ],
  [
    'past Cloudflare',
    as('cloudflare'),
    '203.0.113.66',
    { 'cf-connecting-ip': FORGED },
    '203.0.113.66',
  ],
  [
    'a tunnel',
    as('cloudflare-tunnel'),
    '127.0.0.1',
    { ...xff(`${FORGED}, ${CLIENT}`), 'cf-connecting-ip': CLIENT },
    CLIENT,
  ],
  [
    'Fastly, plain HTTP without a list',
    as('fastly'),
    FASTLY,
    { 'fastly-client-ip': FORGED },
    undefined,
  ],
  ['Fastly with shielding', as('fastly'), FASTLY, xff(`${FORGED}, ${CLIENT}, 146.75.1.1`), CLIENT],
  [
    'Fastly, its own header where VCL cleans it',
    [{ platform: 'fastly', header: 'fastly-client-ip' }],
    FASTLY,
    { 'fastly-client-ip': CLIENT },
    CLIENT,
  ],
  [
    'Akamai, True-Client-IP where asked for',
    [{ platform: 'akamai', header: 'true-client-ip' }],
    '23.32.1.1',
    { 'true-client-ip': CLIENT },
    CLIENT,
  ],
  [
    'CloudFront, viewer address of IPv4',
    [{ platform: 'aws-cloudfront', header: 'cloudfront-viewer-address' }],
    '130.176.1.1',
    { 'cloudfront-viewer-address': `${CLIENT}:46532` },
    CLIENT,
  ],
  [
    'CloudFront, viewer address that ends like a port',
    [{ platform: 'aws-cloudfront', header: 'cloudfront-viewer-address' }],
    '130.176.1.1',
    { 'cloudfront-viewer-address': '2600:300:f:abcd::9:9985' },
    '2600:300:f:abcd::9',
  ],
  ['an Istio mesh without a list', as('istio-sidecar'), '127.0.0.6', {}, undefined],
  ['a Linkerd mesh without a list', as('linkerd'), '127.0.0.1', {}, undefined],
  ['Docker, address kept', as('docker'), CLIENT, xff(FORGED), CLIENT],
  ['Docker, userland proxy', as('docker'), '172.17.0.1', xff(FORGED), undefined],
  ['Docker, a second network', as('docker'), '192.168.16.1', {}, undefined],
  [
    'Caddy, X-Real-IP of a client',
    own('caddy'),
    '10.0.1.4',
    { ...xff(CLIENT), 'x-real-ip': FORGED },
    CLIENT,
  ],
  ['iisnode', as('iisnode'), 'unix', { ...xff(FORGED), 'x-iisnode-remote_addr': CLIENT }, CLIENT],
  [
    'PM2 in cluster mode: the peer is the client',
    as('pm2'),
    CLIENT,
    { ...xff(FORGED), ...forgedHeaders },
    CLIENT,
  ],
  [
    'nginx in front of PM2',
    [{ platform: 'pm2' }, ...own('nginx')],
    '10.0.1.4',
    xff(`${FORGED}, ${CLIENT}`),
    CLIENT,
  ],
  [
    'Passenger: the header that it refuses from clients',
    as('passenger'),
    'unix',
    { ...xff(`${FORGED}, ${CLIENT}`), ...forgedHeaders, '!~passenger-client-address': CLIENT },
    CLIENT,
  ],
  [
    'Passenger, whose loader has Node say 127.0.0.1',
    as('passenger'),
    '127.0.0.1',
    { ...xff(FORGED), '!~passenger-client-address': CLIENT },
    CLIENT,
  ],
  ['Passenger that does not know the address', as('passenger'), 'unix', xff(FORGED), undefined],
  [
    'Passenger before secure headers',
    [{ platform: 'passenger', header: 'x-forwarded-for' }],
    'unix',
    xff(`${FORGED}, ${CLIENT}`),
    CLIENT,
  ],
  [
    'past Passenger',
    as('passenger'),
    '203.0.113.66',
    { '!~passenger-client-address': FORGED },
    '203.0.113.66',
  ],
  ['iisnode, not promoted', as('iisnode'), 'unix', xff(FORGED), undefined],
]

function clientOf(
  hops: readonly PlatformEntry[],
  peer: string,
  headers: Readonly<Record<string, string>>,
) {
  return resolve(definePolicy({ hops }), { peer, headers, proxyHeaders: [] }).ip
}

describe('platforms', () => {
  test.each(APPENDING)(
    '%j believes the entry that it appended, and no other header',
    (hops, peer) => {
      expect(clientOf(hops, peer, xff(CLIENT))).toBe(CLIENT)
      expect(clientOf(hops, peer, { ...forgedHeaders, ...xff(`${FORGED}, ${CLIENT}`) })).toBe(
        CLIENT,
      )
      expect(clientOf(hops, peer, xff('unknown'))).toBeUndefined()
    },
  )

  test.each(APPENDING.filter(([, peer]) => peer !== 'event'))(
    '%j reads nothing of somebody who comes past it',
    (hops) => {
      expect(clientOf(hops, '203.0.113.66', { ...forgedHeaders, ...xff(FORGED) })).toBe(
        '203.0.113.66',
      )
    },
  )

  test.each(CASES)('%s', (_what, hops, peer, headers, client) => {
    expect(clientOf(hops, peer, headers)).toBe(client)
  })

  test.each(['aws-nlb', 'cloudflare-spectrum'])(
    '%s names the client by PROXY headers',
    (platform) => {
      const from = platform === 'aws-nlb' ? OWN : undefined
      const policy = definePolicy({ platform, from })
      const source = { address: CLIENT, port: 50001 }
      const destination = { address: '10.0.0.5', port: 443 }
      const header = {
        version: 2,
        command: 'PROXY',
        family: 'INET',
        transport: 'STREAM',
        source,
        destination,
        tlvs: [],
      } as const
      const peer = platform === 'aws-nlb' ? '10.0.1.4' : CF_EDGE
      expect(resolve(policy, { peer, headers: xff(FORGED), proxyHeaders: [header] }).ip).toBe(
        CLIENT,
      )
      expect(policy.current.proxyProtocol).toBeDefined()
    },
  )

  test('are all tried here', () => {
    const tried = [...APPENDING.flatMap(([hops]) => hops), ...CASES.flatMap(([, hops]) => hops)]
    const ids = new Set(tried.map(({ platform }) => platform))
    expect(platforms.filter(({ id }) => !ids.has(id)).map(({ id }) => id)).toEqual([
      'aws-nlb',
      'cloudflare-spectrum',
    ])
  })

  test('expand to plain rules, in place', () => {
    const rules = [
      { name: 'sidecar', from: ['127.0.0.9'], asserts: 'forwarded' },
      { platform: 'nginx', from: ['loopback'], header: 'x-real-ip', name: 'front' },
      { platform: 'cloudflare' },
    ]
    const { hops } = definePolicy({ hops: rules }).current
    expect(hops.map(({ name, asserts, original }) => [name, asserts, original])).toEqual([
      ['sidecar', 'forwarded', ['proto']],
      ['front', 'x-real-ip', ['proto']],
      ['cloudflare', 'cf-connecting-ip', ['proto']],
      ['cloudflare-pseudo-ipv4', 'cf-connecting-ipv6', ['proto']],
    ])
  })

  test.each<[PolicyOptions, string, string, RegExp]>([
    [{ platform: 'aws-alb' }, 'missing-from', 'from', /subnets of the load balancer/],
    [
      { hops: [{ platform: 'heroku' }, { platform: 'nginx' }] },
      'missing-from',
      'hops[1].from',
      /loopback/,
    ],
    [{ platform: 'herokuu' }, 'bad-platform', 'platform', /write 'heroku'/],
    [{ platform: 'linode' }, 'bad-platform', 'platform', /write 'linode-nodebalancer' \[/],
    [{ platform: 'ALB' }, 'bad-platform', 'platform', /write 'aws-alb' \[/],
    [{ platform: 'nginx-ingress' }, 'bad-platform', 'platform', /write 'ingress-nginx' \[/],
    [
      { platform: 'gcp' },
      'bad-platform',
      'platform',
      /write 'gcp-load-balancer' or 'gcp-cloud-run' \[/,
    ],
    [{ platform: '-' }, 'bad-platform', 'platform', /write one of aws-alb/],
    [{ platform: 'mainframe' }, 'bad-platform', 'platform', /write one of aws-alb/],
    [
      { platform: 'azure-front-door', header: 'x-azure-clientip' },
      'bad-header',
      'header',
      /can overwrite it/,
    ],
    [{ platform: 'pm2', from: ['loopback'] }, 'bad-from', 'from', /in a separate entry/],
    [{ hops: [{ platform: 'fly', from: ['10.0.0.0/33'] }] }, 'bad-prefix', 'hops[0].from[0]', /33/],
    [
      { hops: [{ platform: 'fly' }, { platform: 'fly' }] },
      'bad-name',
      'hops[1].name',
      /different name, got 'fly'/,
    ],
  ])('%j is refused', (options, code, path, message) => {
    let error: unknown
    try {
      definePolicy(options)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(PolicyError)
    expect(error).toMatchObject({ code, path, message: expect.stringMatching(message) })
  })
})
