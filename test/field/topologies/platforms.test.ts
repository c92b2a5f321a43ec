import { definePolicy, type Evidence, type Platform, platforms, resolve } from '@truehop/identity'
import type { ProxyHeader } from '@truehop/proxy-protocol'
import { describe, expect, test } from 'vitest'

const CLIENT = '198.51.100.7'
const OWN = '10.0.1.4'

const PROXY_HEADER: ProxyHeader = {
  version: 2,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: CLIENT, port: 51_442 },
  destination: { address: OWN, port: 443 },
  tlvs: [],
}

/** From a client, over plain HTTP. */
const FORGED = {
  host: 'site.example',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-port': '8443',
  'x-forwarded-prefix': '/evil',
  'x-forwarded-scheme': 'https',
  'x-forwarded-server': 'evil.example',
  'x-original-host': 'evil.example',
}

/**
 * What each platform writes of every request into X-Forwarded-Proto, -Host and -Port, by the header
 * that names the client. What it does not write it hands on as a client wrote it: of these parts
 * nothing may be believed. The rule of each is its vendor's word under "Sources" of its page in
 * docs/platforms; what is only known of some requests is not known.
 */
const WRITES: readonly (readonly [platform: string, header: string, parts: string])[] = [
  ['aws-alb', 'x-forwarded-for', 'proto port'],
  ['aws-nlb', 'proxy-protocol', ''],
  ['aws-cloudfront', 'x-forwarded-for', ''],
  ['aws-cloudfront', 'cloudfront-viewer-address', ''],
  ['aws-api-gateway', 'x-forwarded-for', 'proto port'],
  ['aws-lambda', 'x-forwarded-for', 'proto port'],
  ['gcp-load-balancer', 'x-forwarded-for', 'proto'],
  ['gcp-cloud-run', 'x-forwarded-for', 'proto'],
  ['azure-app-service', 'x-forwarded-for', ''],
  ['azure-front-door', 'x-azure-socketip', 'proto host'],
  ['azure-front-door', 'x-forwarded-for', 'proto host'],
  ['azure-application-gateway', 'x-forwarded-for', 'proto port'],
  ['heroku', 'x-forwarded-for', 'proto port'],
  ['render', 'x-forwarded-for', 'proto'],
  ['railway', 'x-real-ip', 'proto host'],
  ['fly', 'fly-client-ip', 'proto'],
  ['vercel', 'x-vercel-forwarded-for', 'proto host'],
  ['netlify', 'x-nf-client-connection-ip', ''],
  ['digitalocean-app-platform', 'do-connecting-ip', ''],
  ['cloudflare', 'cf-connecting-ip', 'proto'],
  ['cloudflare', 'x-forwarded-for', 'proto'],
  ['cloudflare-tunnel', 'cf-connecting-ip', 'proto'],
  ['cloudflare-tunnel', 'x-forwarded-for', 'proto'],
  ['cloudflare-spectrum', 'proxy-protocol', ''],
  ['fastly', 'x-forwarded-for', ''],
  ['fastly', 'fastly-client-ip', ''],
  ['akamai', 'x-forwarded-for', ''],
  ['akamai', 'true-client-ip', ''],
  ['bunny', 'x-forwarded-for', 'proto'],
  ['traefik', 'x-forwarded-for', 'proto host port'],
  ['caddy', 'x-forwarded-for', 'proto host'],
  // Told to by its configuration, as it is told to write the client.
  ['nginx', 'x-forwarded-for', 'proto'],
  ['nginx', 'x-real-ip', 'proto'],
  // In the element that it wrote itself: see below.
  ['nginx', 'forwarded', ''],
  ['nginx', 'proxy-protocol', ''],
  ['haproxy', 'x-forwarded-for', 'proto'],
  ['haproxy', 'x-real-ip', 'proto'],
  ['haproxy', 'forwarded', ''],
  ['haproxy', 'proxy-protocol', ''],
  ['ingress-nginx', 'x-forwarded-for', 'proto host port'],
  ['kgateway', 'x-forwarded-for', 'proto'],
  ['envoy-gateway', 'x-forwarded-for', 'proto'],
  ['istio-sidecar', 'x-forwarded-for', 'proto'],
  ['linkerd', 'x-forwarded-for', ''],
  ['docker', 'nothing', ''],
  ['k3s', 'x-forwarded-for', 'proto host port'],
  ['tailscale', 'x-forwarded-for', 'proto host'],
  ['ngrok', 'x-forwarded-for', 'proto'],
  ['iisnode', 'x-iisnode-remote_addr', ''],
  ['pm2', 'nothing', ''],
  ['passenger', '!~passenger-client-address', ''],
  ['passenger', 'x-forwarded-for', ''],
  ['linode-nodebalancer', 'x-forwarded-for', 'proto'],
  ['linode-nodebalancer', 'proxy-protocol', ''],
  ['hetzner-load-balancer', 'x-forwarded-for', 'proto'],
  ['hetzner-load-balancer', 'proxy-protocol', ''],
  ['digitalocean-load-balancer', 'x-forwarded-for', 'proto'],
  ['digitalocean-load-balancer', 'proxy-protocol', ''],
]

/** What stands in the header that names the client. */
function naming(header: string): Record<string, string> {
  if (header === 'forwarded') return { forwarded: `for=${CLIENT}` }
  if (header === 'cloudfront-viewer-address') return { [header]: `${CLIENT}:50001` }
  return { [header]: CLIENT }
}

function evidenceOf({ id, peers }: Platform, header: string): Evidence {
  const peer = peers.includes('event') ? 'event' : peers.includes('unix') ? 'unix' : OWN
  const named = header === 'proxy-protocol' || header === 'nothing' ? {} : naming(header)
  // Google's load balancer adds an element of its own behind the client's.
  const list = id === 'gcp-load-balancer' ? { [header]: `${CLIENT}, 203.0.113.9` } : named
  return { peer, headers: { ...FORGED, ...list }, encrypted: false, proxyHeaders: [PROXY_HEADER] }
}

function identityOf(id: string, header: string, more: object = {}) {
  const platform = platforms.find((one) => one.id === id)
  if (platform === undefined) throw new Error(`there is no platform ${id}`)
  const evidence = evidenceOf(platform, header)
  const takesFrom = platform.parameters.some(({ name }) => name === 'from')
  const from = takesFrom ? [evidence.peer ?? OWN] : undefined
  const several = Object.keys(platform.rules).length > 1
  const hop = several ? { platform: id, from, header } : { platform: id, from }
  return resolve(definePolicy({ hops: [hop] }), {
    ...evidence,
    headers: { ...evidence.headers, ...more },
  })
}

describe('of what a client wrote, behind a platform, nobody takes more than the platform writes', () => {
  test.each(WRITES)('%s by %s: %s', (id, header, parts) => {
    const { protocol, host, status } = identityOf(id, header)
    expect(status).toBe(id === 'docker' ? 'undetermined' : 'resolved')
    const writes = (part: string) => parts.split(' ').includes(part)
    expect(protocol).toBe(writes('proto') ? 'https' : 'http')
    const name = writes('host') ? 'evil.example' : 'site.example'
    expect(host).toBe(writes('port') ? `${name}:8443` : name)
  })

  test.each(['nginx', 'haproxy'])('%s by forwarded: the scheme of the element it wrote', (id) => {
    const forwarded = `for=203.0.113.99;proto=http;host=evil.example, for=${CLIENT};proto=https;host=evil.example`
    const { protocol, host } = identityOf(id, 'forwarded', { forwarded })
    expect([protocol, host]).toEqual(['https', 'site.example'])
  })

  test('is known of every platform and each header of it', () => {
    const known = WRITES.map(([id, header]) => `${id} ${header}`)
    const all = platforms.flatMap(({ id, rules }) => Object.keys(rules).map((by) => `${id} ${by}`))
    expect(known.toSorted()).toEqual(all.toSorted())
  })
})
