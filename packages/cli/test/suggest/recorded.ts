import type { Evidence } from '@truehop/identity'
import { decode, encode, type ProxyHeader } from '@truehop/proxy-protocol'
import type { Answers } from '../../src/suggest/proposal.js'

/** Written by clients who would like to be somebody else. */
export const FORGED = '192.0.2.66'

/** What stands in front of a service, as its documentation says it writes. */
export interface Recorded {
  readonly name: string
  /** Some are in the recorded sample, the others connect later. */
  readonly peers: readonly [seen: readonly string[], later: readonly string[]]
  /** What the service receives for a client, who sent these headers. */
  readonly write: (client: string, sent: Headers) => Headers
  readonly proxy?: (client: string) => readonly ProxyHeader[]
  /** Clients that this platform can have, in place of any. */
  readonly answers?: Partial<Answers>
  /** Nothing stands in front: each client is its own peer. */
  readonly isClient?: true
  /** Nobody can be named. */
  readonly lost?: true
}

type Headers = Readonly<Record<string, string>>

const sent = (headers: Headers, name: string): string | undefined => headers[name]

/** The header with the client at its end, behind what the client sent. */
function append(
  headers: Headers,
  entries: readonly string[],
  { name = 'x-forwarded-for', by = ', ' } = {},
): Headers {
  const before = sent(headers, name)
  return { ...headers, [name]: [...(before === undefined ? [] : [before]), ...entries].join(by) }
}

const portOf = (client: string): string =>
  client.includes(':') ? `[${client}]:50001` : `${client}:50001`

export function proxyHeader(address: string, version: 1 | 2 = 2): ProxyHeader {
  const isSix = address.includes(':')
  const result = decode(
    encode({
      version,
      command: 'PROXY',
      family: isSix ? 'INET6' : 'INET',
      transport: 'STREAM',
      source: { address, port: 51_442 },
      destination: { address: isSix ? '2001:db8:f::1' : '10.0.0.5', port: 443 },
      tlvs: [],
    }),
  )
  if (result.status !== 'complete') throw new Error('not a header')
  return result.header
}

const alone = (peer: string): Recorded['peers'] => [[peer], [peer]]
const POOL: Recorded['peers'] = [
  ['10.0.1.4', '10.0.1.9', '10.0.1.77'],
  ['10.0.1.4', '10.0.1.201'],
]
const EDGE = ['173.245.48.9', '172.71.95.118', '104.16.3.2'] as const

/** One proxy or platform by itself, each as `platform-facts` and its documentation have it. */
export const PLATFORMS: readonly Recorded[] = [
  {
    name: 'aws-alb',
    peers: POOL,
    write: (client, headers) => ({
      ...append(headers, [client]),
      'x-forwarded-proto': 'https',
      'x-amzn-trace-id': 'Root=1-67891233-abcdef012345678912345678',
    }),
  },
  {
    name: 'aws-alb with client ports',
    peers: POOL,
    write: (client, headers) => append(headers, [portOf(client)]),
  },
  {
    name: 'aws-nlb',
    peers: POOL,
    write: (_, headers) => headers,
    proxy: (client) => [proxyHeader(client)],
  },
  {
    name: 'aws-cloudfront',
    peers: [['130.176.1.1', '130.176.88.4'], ['130.176.2.9']],
    write: (client, headers) => append(headers, [client], { by: ',' }),
  },
  {
    name: 'aws-api-gateway',
    peers: POOL,
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'aws-api-gateway, edge-optimised',
    peers: POOL,
    write: (client, headers) => append(headers, [client, '130.176.1.1']),
  },
  {
    name: 'aws-lambda',
    peers: alone('event'),
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'aws-lambda, web adapter',
    peers: alone('127.0.0.1'),
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'gcp-load-balancer',
    peers: [['35.191.0.9', '35.191.7.3'], ['130.211.1.4']],
    write: (client, headers) => append(headers, [client, '203.0.113.80'], { by: ',' }),
  },
  {
    name: 'gcp-load-balancer, regional',
    peers: alone('10.129.0.23'),
    write: (client, headers) => append(headers, [client, '203.0.113.80'], { by: ',' }),
    answers: { platform: 'gcp-load-balancer' },
  },
  {
    name: 'gcp-cloud-run',
    peers: alone('169.254.169.126'),
    write: (client, headers) => append(headers, [client], { by: ',' }),
  },
  {
    name: 'gcp-cloud-run behind the balancer',
    peers: alone('169.254.169.126'),
    write: (client, headers) => append(headers, [client, '203.0.113.80'], { by: ',' }),
  },
  {
    name: 'azure-app-service',
    peers: alone('169.254.129.1'),
    write: (client, headers) => ({
      ...append(headers, [portOf(client)]),
      'x-client-ip': client,
      'client-ip': portOf(client),
      'x-arr-log-id': '8e2f4c3a',
    }),
  },
  {
    name: 'azure-front-door',
    peers: [['147.243.0.9', '147.243.3.77'], ['147.243.1.4']],
    write: (client, headers) => ({
      ...append(headers, [client]),
      'x-azure-socketip': client,
      'x-azure-clientip': sent(headers, 'x-forwarded-for') ?? client,
      'x-azure-fdid': 'a0a0a0a0-bbbb-cccc-dddd-e1e1e1e1e1e1',
    }),
  },
  {
    name: 'azure-application-gateway',
    peers: POOL,
    write: (client, headers) => ({
      ...append(headers, [portOf(client)]),
      'x-appgw-trace-id': 'ac882cd65a2712a0fe1289ec2bb6aee7',
    }),
  },
  {
    name: 'heroku',
    peers: [['10.1.23.4', '10.1.87.200', '10.11.3.9', '10.63.40.1'], ['10.201.5.6']],
    write: (client, headers) => ({ ...append(headers, [client]), via: '1.1 vegur' }),
  },
  {
    name: 'render',
    peers: [['10.201.3.4', '10.220.9.1'], ['10.214.2.9']],
    write: (client, headers) => ({
      ...append(headers, [client, EDGE[1], '10.201.44.1']),
      'cf-connecting-ip': client,
      'true-client-ip': client,
    }),
  },
  {
    name: 'railway',
    peers: [['100.64.0.3', '100.64.0.9'], ['100.64.0.14']],
    write: (client, headers) => ({
      ...headers,
      'x-real-ip': client,
      'x-forwarded-for': `${client}, 203.0.113.146`,
    }),
  },
  {
    name: 'fly',
    peers: [['172.16.17.18'], ['172.19.2.2']],
    write: (client, headers) => ({
      ...append(headers, [client, '203.0.113.33']),
      'fly-client-ip': client,
    }),
  },
  {
    name: 'vercel',
    peers: alone('127.0.0.1'),
    write: (client, headers) => ({
      ...headers,
      'x-forwarded-for': client,
      'x-real-ip': client,
      'x-vercel-forwarded-for': client,
    }),
  },
  {
    name: 'netlify',
    peers: alone('event'),
    write: (client, headers) => ({ ...headers, 'x-nf-client-connection-ip': client }),
  },
  {
    name: 'digitalocean-app-platform',
    peers: [['10.244.0.12', '10.244.7.3'], ['10.244.9.9']],
    write: (client, headers) => ({
      ...append(headers, ['203.0.113.5']),
      'do-connecting-ip': client,
    }),
  },
  {
    name: 'cloudflare',
    peers: [EDGE, ['162.158.9.9']],
    write: (client, headers) => ({
      ...append(headers, [client], { by: ',' }),
      'cf-connecting-ip': client,
    }),
  },
  {
    name: 'cloudflare-tunnel',
    peers: alone('127.0.0.1'),
    write: (client, headers) => ({
      ...append(headers, [client], { by: ',' }),
      'cf-connecting-ip': client,
    }),
  },
  {
    name: 'cloudflare-spectrum',
    peers: [EDGE, ['162.158.9.9']],
    write: (_, headers) => headers,
    proxy: (client) => [proxyHeader(client, 1)],
  },
  {
    name: 'fastly',
    peers: [['151.101.1.6', '146.75.2.1'], ['151.101.65.6']],
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'fastly with shielding',
    peers: [['151.101.1.6', '146.75.2.1'], ['151.101.65.6']],
    write: (client, headers) => append(headers, [client, '146.75.1.1']),
  },
  {
    name: 'akamai',
    peers: [['23.32.1.1', '23.32.77.1'], ['23.33.2.2']],
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'bunny',
    peers: [['89.187.188.227'], ['89.187.188.228']],
    write: (client, headers) => ({ ...headers, 'x-forwarded-for': client, 'x-real-ip': client }),
  },
  {
    name: 'traefik',
    peers: alone('10.0.1.4'),
    write: (client, headers) => ({ ...headers, 'x-forwarded-for': client, 'x-real-ip': client }),
  },
  {
    name: 'caddy',
    peers: alone('127.0.0.1'),
    write: (client, headers) => ({ ...headers, 'x-forwarded-for': client }),
  },
  {
    name: 'nginx',
    peers: alone('10.0.0.5'),
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'nginx with x-real-ip alone',
    peers: alone('10.0.0.5'),
    write: (client, headers) => ({ ...headers, 'x-real-ip': client }),
  },
  {
    name: 'haproxy',
    peers: alone('10.0.0.5'),
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'haproxy, Forwarded',
    peers: alone('10.0.0.5'),
    write: (client, headers) =>
      append(headers, [client.includes(':') ? `for="[${client}]"` : `for=${client}`], {
        name: 'forwarded',
      }),
  },
  {
    name: 'ingress-nginx',
    peers: [['10.244.3.17', '10.244.8.2'], ['10.244.3.17']],
    write: (client, headers) => ({ ...headers, 'x-forwarded-for': client, 'x-real-ip': client }),
  },
  {
    name: 'kgateway',
    peers: alone('10.244.3.17'),
    write: (client, headers) => ({
      ...append(headers, [client], { by: ',' }),
      'x-envoy-external-address': client,
    }),
  },
  {
    name: 'envoy-gateway',
    peers: alone('10.244.3.17'),
    write: (client, headers) => append(headers, [client], { by: ',' }),
  },
  {
    name: 'istio-sidecar',
    peers: alone('127.0.0.6'),
    write: (client, headers) => append(headers, [client], { by: ',' }),
  },
  {
    name: 'linkerd',
    peers: alone('127.0.0.1'),
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'docker, userland proxy',
    peers: alone('172.17.0.1'),
    write: (_, headers) => headers,
    lost: true,
  },
  {
    name: 'k3s',
    peers: [['10.42.0.8', '10.42.1.3'], ['10.42.2.5']],
    write: (client, headers) => ({ ...headers, 'x-forwarded-for': client, 'x-real-ip': client }),
  },
  {
    name: 'tailscale',
    peers: alone('127.0.0.1'),
    write: (client, headers) => ({ ...headers, 'x-forwarded-for': client }),
  },
  {
    name: 'ngrok',
    peers: alone('127.0.0.1'),
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'iisnode',
    peers: alone('unix'),
    write: (client, headers) => ({ ...headers, 'x-iisnode-remote_addr': client }),
  },
  {
    name: 'pm2',
    peers: alone(''),
    isClient: true,
    write: (_, headers) => headers,
  },
  {
    name: 'passenger',
    peers: alone('unix'),
    write: (client, headers) => ({
      ...append(headers, [client]),
      '!~passenger-client-address': client,
    }),
  },
  {
    name: 'passenger, whose loader has Node say 127.0.0.1',
    peers: alone('127.0.0.1'),
    write: (client, headers) => ({
      ...append(headers, [client]),
      '!~passenger-client-address': client,
    }),
  },
  {
    name: 'linode-nodebalancer',
    peers: [['192.168.255.9', '192.168.255.31'], ['192.168.255.77']],
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'hetzner-load-balancer',
    peers: alone('10.0.0.2'),
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'hetzner-load-balancer, PROXY',
    peers: alone('10.0.0.2'),
    write: (_, headers) => headers,
    proxy: (client) => [proxyHeader(client)],
  },
  {
    name: 'digitalocean-load-balancer',
    peers: alone('10.120.0.2'),
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'a proxy with a header of its own',
    peers: alone('10.0.0.5'),
    write: (client, headers) => ({ ...headers, 'x-acme-visitor': client }),
  },
  {
    name: 'a proxy with a header of its own that has a port',
    peers: alone('10.0.0.5'),
    write: (client, headers) => ({ ...headers, 'x-acme-visitor': `${client}:9985` }),
  },
]

/** The pages of docs/topologies. */
export const TOPOLOGIES: readonly Recorded[] = [
  {
    name: 'nginx on the same machine',
    peers: alone('127.0.0.1'),
    write: (client, headers) => append(headers, [client]),
  },
  {
    name: 'haproxy-tcp',
    peers: alone('10.0.0.5'),
    write: (_, headers) => headers,
    proxy: (client) => [proxyHeader(client)],
  },
  {
    name: 'cloudflare-alb',
    peers: POOL,
    write: (client, headers) => ({
      ...append(append(headers, [client], { by: ',' }), [EDGE[0]]),
      'cf-connecting-ip': client,
    }),
  },
  {
    name: 'cdn-nlb-nginx',
    peers: alone('127.0.0.1'),
    write: (client, headers) => ({
      ...headers,
      'x-forwarded-for': EDGE[2],
      'cf-connecting-ip': client,
    }),
  },
  {
    name: 'kubernetes-ingress',
    peers: alone('10.244.3.17'),
    write: (client, headers) => ({ ...headers, 'x-forwarded-for': client }),
  },
  {
    name: 'sidecar',
    peers: alone('127.0.0.6'),
    write: (client, headers) => append(headers, [client], { by: ',' }),
  },
  {
    name: 'unix-socket',
    peers: alone('unix'),
    write: (client, headers) => ({ ...headers, 'x-real-ip': client }),
  },
  {
    name: 'two-proxy-headers',
    peers: alone('10.0.1.30'),
    write: (_, headers) => headers,
    proxy: (client) => [proxyHeader('192.0.2.10'), proxyHeader(client)],
    // A public address: that it is a proxy of one's own is nothing that a sample can show.
    answers: { own: ['192.0.2.10'] },
  },
  {
    name: 'two proxies of one’s own in a row',
    peers: alone('127.0.0.1'),
    write: (client, headers) => append(append(headers, [client]), ['10.0.2.5']),
  },
]

const V4 = (n: number): string => `198.51.100.${n}`
const V6 = (n: number): string => `2001:db8:0:${n.toString(16)}::7`

/** What clients write who would be somebody else. */
export const FORGERY: Headers = {
  'x-forwarded-for': FORGED,
  forwarded: `for=${FORGED}`,
  'x-real-ip': FORGED,
  'true-client-ip': FORGED,
  'x-client-ip': FORGED,
}

export interface Client {
  readonly address: string
  readonly evidence: Evidence
}

/** One request of a client, through one of the peers. */
export function requestOf(
  recorded: Recorded,
  address: string,
  peer: string,
  sends: Headers,
): Client {
  const { write, proxy, isClient } = recorded
  const browser = { host: 'app.example', 'user-agent': 'Mozilla/5.0', ...sends }
  return {
    address,
    evidence: {
      peer: isClient === true ? address : peer,
      headers: write(address, browser),
      proxyHeaders: proxy?.(address) ?? [],
    },
  }
}

/** Forty requests of ten clients of both families, every fourth one forged. */
export function sampleOf(recorded: Recorded): Client[] {
  const [seen] = recorded.peers
  return Array.from({ length: 40 }, (_, n) => {
    const address = n % 3 === 0 ? V6(1 + (n % 10)) : V4(1 + (n % 10))
    const peer = seen[n % seen.length] ?? ''
    return requestOf(recorded, address, peer, n % 4 === 1 ? FORGERY : {})
  })
}

/** Other clients, later, through peers of which not all were seen; half of them forge. */
export function heldOut(recorded: Recorded): Client[] {
  const [seen, later] = recorded.peers
  const peers = [...seen, ...later]
  return Array.from({ length: 12 }, (_, n) => {
    const address = n % 2 === 0 ? V4(100 + n) : V6(100 + n)
    const peer = peers[n % peers.length] ?? ''
    return requestOf(recorded, address, peer, n % 4 < 2 ? FORGERY : {})
  })
}
