import { type Address, PrefixSet } from '@truehop/ip'
import { providers } from '../ranges/providers.js'

/** Addresses that are part of a platform's infrastructure rather than visitors, by platform. */
const KNOWN: readonly (readonly [platform: string, entries: readonly string[]])[] = [
  ['cloudflare', providers.cloudflare.entries],
  ['aws-cloudfront', providers.cloudfront.entries],
  ['fastly', providers.fastly.entries],
  ['gcp-load-balancer', providers['google-front-ends'].entries],
  ['azure-front-door', providers['azure-front-door'].entries],
  ['bunny', providers.bunny.entries],
  ['gcp-cloud-run', ['169.254.169.126', '169.254.8.128/31']],
  ['azure-app-service', ['169.254.128.0/17']],
  ['railway', ['100.64.0.0/10']],
  ['istio-sidecar', ['127.0.0.6', '::6']],
  ['docker', bridgeGateways()],
  ['k3s', ['10.42.0.0/16']],
]

/** The gateways of Docker's default address pools. */
function bridgeGateways(): string[] {
  const large = Array.from({ length: 15 }, (_, n) => `172.${17 + n}.0.1`)
  const small = Array.from({ length: 16 }, (_, n) => `192.168.${16 * n}.1`)
  return [...large, ...small]
}

interface Known {
  readonly prefixes: PrefixSet
  readonly platforms: ReadonlyMap<string, string>
}

let known: Known | undefined

/** The platform whose infrastructure the address belongs to, if any. Built on first use. */
export function infrastructureOf(address: Address): string | undefined {
  known ??= build()
  const match = known.prefixes.match(address)
  return match === undefined ? undefined : known.platforms.get(match.entry)
}

function build(): Known {
  const platforms = new Map(
    KNOWN.flatMap(([platform, entries]) => entries.map((entry) => [entry, platform] as const)),
  )
  return { prefixes: PrefixSet.from([...platforms.keys()]), platforms }
}

/** Addresses from which no host on the internet can connect. */
const PRIVATE =
  /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd]|fe80:)/

/** Whether the text of an address is one of a private network. */
export function isPrivateText(address: string): boolean {
  return PRIVATE.test(address)
}
