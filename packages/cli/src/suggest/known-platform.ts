import { type Evidence, type Platform, platforms } from '@truehop/identity'
import { isAlways } from './group.js'
import { textOf } from './headers.js'
import { areAllIn } from './peer-kind.js'

/** Headers that one platform alone writes to every request, as far as is known. */
const MARKS: Readonly<Record<string, (evidence: Evidence) => boolean>> = {
  'aws-alb': has('x-amzn-trace-id'),
  'azure-application-gateway': has('x-appgw-trace-id'),
  'azure-app-service': has('x-arr-log-id'),
  'gcp-load-balancer': (evidence) => /\bgoogle\b/.test(textOf(evidence, 'via') ?? ''),
  heroku: (evidence) => /vegur|heroku/.test(textOf(evidence, 'via') ?? ''),
}

function has(header: string): (evidence: Evidence) => boolean {
  return (evidence) => textOf(evidence, header) !== undefined
}

/** Peers that one platform alone has, narrower than what its rules trust. */
const SIGNATURES: Readonly<Record<string, readonly string[]>> = {
  'gcp-cloud-run': ['169.254.169.126', '169.254.8.128/31'],
  'azure-app-service': ['169.254.128.0/17'],
  'istio-sidecar': ['127.0.0.6', '::6'],
  'linode-nodebalancer': ['192.168.255.0/24'],
  k3s: ['10.42.0.0/16'],
}

/** A header of one address that names the client on a platform, and the platforms that do so. */
export interface OwnHeader {
  readonly platform: Platform
  readonly header: string
}

/**
 * Platforms with these peers that name their client in a header that no other platform writes, the
 * header on every request. It is known of such a platform that what a client sends is overwritten.
 */
export function ownHeaderOf(
  peers: ReadonlySet<string>,
  samples: readonly Evidence[],
): OwnHeader | undefined {
  for (const platform of platforms) {
    if (platform.peers.length === 0 || !areAllIn(platform.peers, peers)) continue
    const [header = ''] = Object.keys(platform.rules)
    const isList = ['x-forwarded-for', 'forwarded', 'proxy-protocol', 'nothing'].includes(header)
    if (!isList && isAlways(samples, header)) return { platform, header }
  }
  return undefined
}

/** The platform that peers or marks on every request identify, among those that read `header`. */
export function platformOfGroup(
  peers: ReadonlySet<string>,
  samples: readonly Evidence[],
  header: string,
): Platform | undefined {
  const isTold = ({ id }: Platform): boolean => {
    const signature = SIGNATURES[id]
    if (signature !== undefined && areAllIn(signature, peers)) return true
    const mark = MARKS[id]
    return mark !== undefined && samples.every(mark)
  }
  return platforms.find((platform) => header in platform.rules && isTold(platform))
}

/** Docker's bridge gateways: a client that comes through one has lost its address. */
export function areGateways(peers: ReadonlySet<string>): boolean {
  const docker = platforms.find(({ id }) => id === 'docker')
  return docker !== undefined && peers.size > 0 && areAllIn(docker.peers, peers)
}

/** Names of platforms that a plain rule for `header` could be about. */
export function couldBe(header: string): string {
  const names = platforms
    .filter(({ rules, peers }) => header in rules && peers.length === 0)
    .map(({ id }) => id)
  return names.join(', ')
}
