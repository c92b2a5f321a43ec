import { definePolicy, type Policy, resolve } from '@truehop/identity'
import { PrefixSet } from '@truehop/ip'
import { type CodeBlock, codeBlocksIn } from './code-blocks.js'

/** An address and port that one program of a page reaches another one at, or listens on. */
interface Place {
  readonly host: string
  readonly port: number
}

/** What a page says of addresses, in its programs, configurations, commands and sentences. */
interface Said {
  /** Whom its policies trust. */
  readonly trusted: { has(address: string): boolean }
  /** Where proxies reach the service. */
  readonly upstreams: readonly Place[]
  /** Where its programs listen. */
  readonly listening: readonly Place[]
  /** The peers of requests that are explained, and proxies of which a sentence says where they are. */
  readonly proxies: readonly string[]
  /** Where a sentence says that the service is. */
  readonly services: readonly string[]
  readonly redis: readonly string[]
  readonly inspectorHosts: readonly string[]
  readonly inspectorPrefixes: readonly string[]
  readonly inspectorUrls: readonly URL[]
  /** Of a network of containers. */
  readonly subnets: readonly string[]
  readonly containers: readonly string[]
}

const LOOPBACK = PrefixSet.from(['127.0.0.0/8'])
/** Nobody's proxy: whoever a page calls so is a client or a stranger. */
const STRANGERS = PrefixSet.from([
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '2001:db8::/32',
])

const V4 = String.raw`\d{1,3}(?:\.\d{1,3}){3}`

/**
 * What does not fit together on a page: a proxy whom no rule trusts, ports that differ, a service that its
 * proxy cannot reach, an inspector under a name that it does not answer to, two places of one Redis.
 */
export function misfits(page: string, markdown: string): string[] {
  const said = read(markdown, codeBlocksIn(page, markdown))
  return [
    ...upstreamMisfits(said),
    ...said.proxies
      .filter((proxy) => !STRANGERS.has(proxy) && !said.trusted.has(proxy))
      .map((proxy) => `no rule trusts the proxy at ${proxy}`),
    ...inspectorMisfits(said),
    ...(new Set(said.redis).size > 1 ? [`Redis is at ${said.redis.join(' and at ')}`] : []),
    ...containerMisfits(said),
  ].map((finding) => `${page}: ${finding}`)
}

/** Programs that listen on loopback, and trust only proxies that cannot reach them there. */
export function unreachable(page: string, markdown: string): string[] {
  return codeBlocksIn(page, markdown).flatMap(({ text }) => {
    const listening = listeningIn(text)
    const isHere = listening.length > 0 && listening.every(({ host }) => LOOPBACK.has(host))
    if (!isHere || trustedIn(text).length === 0 || trustedBy(text).has('127.0.0.1')) return []
    return [`${page}: a program listens on loopback only, and no rule trusts loopback`]
  })
}

function upstreamMisfits({ trusted, upstreams, listening, services }: Said): string[] {
  return upstreams.flatMap(({ host, port }) => {
    const at = `${host}:${port}`
    const isHere = LOOPBACK.has(host)
    const hosts = listening.map((place) => place.host)
    return [
      isHere && !trusted.has(host) ? `a proxy reaches ${at}, and no rule trusts loopback` : '',
      !isHere && hosts.length > 0 && hosts.every((one) => LOOPBACK.has(one))
        ? `a proxy reaches ${at}, and the service listens on loopback only`
        : '',
      listening.length > 0 && !listening.some((place) => place.port === port)
        ? `a proxy reaches ${at}, and nothing listens on that port`
        : '',
      !isHere && services.length > 0 && !services.includes(host)
        ? `a proxy reaches ${at}, and the service is at ${services.join(', ')}`
        : '',
    ].filter((finding) => finding !== '')
  })
}

function inspectorMisfits({ inspectorUrls, inspectorHosts, inspectorPrefixes }: Said): string[] {
  if (inspectorHosts.length === 0) return []
  return inspectorUrls
    .filter(
      ({ hostname, pathname }) =>
        !inspectorHosts.includes(hostname) ||
        !inspectorPrefixes.some((prefix) => pathname.startsWith(prefix)),
    )
    .map(({ href }) => `the inspector does not answer at ${href}`)
}

function containerMisfits({ subnets, containers, trusted }: Said): string[] {
  if (subnets.length === 0) return []
  const network = PrefixSet.from(subnets)
  return containers.flatMap((address) => [
    ...(network.has(address) ? [] : [`${address} is outside of its network`]),
    ...(trusted.has(address) ? [] : [`no rule trusts the container at ${address}`]),
  ])
}

function read(markdown: string, blocks: readonly CodeBlock[]): Said {
  const code = blocks.map(({ text }) => text).join('\n')
  const prose = markdown.replaceAll(/^ *```[\s\S]*?^ *```/gm, '')
  const all = (text: string, pattern: string): string[] =>
    [...text.matchAll(new RegExp(pattern, 'g'))].map((match) => match.slice(1).find(Boolean) ?? '')
  return {
    trusted: trustedBy(code),
    upstreams: [
      ...places(code, String.raw`^ *server \S+ (${V4}):(\d+)`),
      ...places(code, String.raw`(?:proxy|grpc)_pass (?:\w+://)?(${V4}):(\d+)`),
      ...places(code, String.raw`--(?:upstream|to) (${V4}):(\d+)`),
    ],
    listening: listeningIn(code),
    proxies: [
      ...all(code, `--peer (${V4})`),
      ...all(prose, String.raw`(?:nginx|HAProxy|Envoy|proxy|load balancer) at (${V4})\b`),
    ],
    services: all(prose, String.raw`service at (${V4})\b`),
    redis: [
      ...places(code, String.raw`new Redis\((?<port>\d+), '(?<host>[^']+)'\)`),
      ...places(code, String.raw`rediss?://(?:[^@/\s]*@)?([\w.-]+):(\d+)`),
    ].map(({ host, port }) => `${host}:${port}`),
    inspectorHosts: all(code, String.raw`\bhosts: \[([^\]]+)\]`).flatMap(textsIn),
    inspectorPrefixes: all(code, String.raw`\bprefix: '([^']+)'`),
    inspectorUrls: all(prose, String.raw`(https?://[\w.-]+(?::\d+)?/_truehop[\w/.-]*)`).map(
      (url) => new URL(url),
    ),
    subnets: all(code, String.raw`\bsubnet: (${V4}/\d+)`),
    containers: all(code, String.raw`\bipv4_address: (${V4})`),
  }
}

function listeningIn(code: string): Place[] {
  return [
    ...places(code, String.raw`listen\(\{ host: '([^']+)', port: (\d+)`),
    ...places(code, String.raw`bindAsync\('([^':]+):(\d+)'`),
    ...places(code, String.raw`listen\((?<port>\d+)(?:, '(?<host>[^']+)')?\)`),
  ]
}

/** Everybody named, and whom the platforms that are named trust by themselves. */
function trustedBy(code: string): Said['trusted'] {
  const named = trustedIn(code)
  const policies = [
    ...(named.length === 0 ? [] : [definePolicy({ trust: named, header: 'x-forwarded-for' })]),
    ...[...code.matchAll(/(?:platform"?: *["']|TRUEHOP_PLATFORM(?:=|: *))([\w-]+)/g)]
      .map(([, id = '']) => policyOf(id))
      .filter((policy) => policy !== undefined),
  ]
  const asks = (policy: Policy, peer: string) =>
    resolve(policy, { peer, proxyHeaders: [], headers: {} }).reason !== 'peer-untrusted'
  return { has: (peer) => policies.some((policy) => asks(policy, peer)) }
}

/** Undefined where only its user knows who stands in front. */
function policyOf(platform: string): Policy | undefined {
  try {
    return definePolicy({ platform })
  } catch {
    return undefined
  }
}

/** Entries of `from` and `trust`, and of the variables that stand for them; a page's own names are none. */
function trustedIn(code: string): string[] {
  const lists = [
    ...code.matchAll(/\b(?:from|trust)"?: *\[([^\]]*)\]/g),
    ...code.matchAll(/\bconst from = \[([^\]]*)\]/g),
  ]
  const variables = [...code.matchAll(/\b(?:TRUEHOP_TRUST|PROXIES)(?:=|: *)([\w.:/,]+)/g)]
  return [
    ...lists.flatMap(([, entries = '']) => textsIn(entries)),
    ...variables.flatMap(([, entries = '']) => entries.split(',')),
  ].filter((entry) => /^[\da-f]*[.:][\da-f.:]*(\/\d+)?$|^[a-z]{4,12}$/.test(entry))
}

const textsIn = (list: string): string[] =>
  [...list.matchAll(/["']([^"']+)["']/g)].map(([, text = '']) => text)

/** Matches of a pattern with a host and a port, in this order unless they have names. */
function places(text: string, pattern: string): Place[] {
  return [...text.matchAll(new RegExp(pattern, 'gm'))].map(({ 1: first, 2: second, groups }) => ({
    host: (groups === undefined ? first : groups['host']) ?? '::',
    port: Number(groups === undefined ? second : groups['port']),
  }))
}
