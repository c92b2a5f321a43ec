import { type Sender, type Treatment, tcpSender, treatments } from './sender.js'
import { at, texts } from './tree.js'

type Read = (manifest: unknown, place: string) => Sender[]

/** What a manifest makes the hop do; undefined for a kind, or a form of it, that says nothing here. */
export function readManifest(kind: string, manifest: unknown): Sender[] | undefined {
  const place = `${kind} ${String(at(manifest, 'metadata', 'name') ?? '')}`
  const found = KINDS.get(kind)?.(manifest, place)
  return found === undefined || found.length === 0 ? undefined : found
}

const NLB = 'service.beta.kubernetes.io/aws-load-balancer-'

const service: Read = (manifest, place) => {
  const note = (name: string) => at(manifest, 'metadata', 'annotations', name)
  const attributes = String(note(`${NLB}target-group-attributes`) ?? '')
  const proxy =
    note('loxilb.io/useproxyprotov2') === 'yes' ||
    note(`${NLB}proxy-protocol`) === '*' ||
    /\bproxy_protocol_v2\.enabled=true\b/.test(attributes)
  if (at(manifest, 'spec', 'type') !== 'LoadBalancer') return []
  const probes = note('loxilb.io/liveness') === 'yes' && note('loxilb.io/probetype') !== 'tcp'
  return [{ ...tcpSender(place, proxy), checksWithHeader: probes && proxy ? false : undefined }]
}

const toService =
  (field: string): Read =>
  (manifest, place) => {
    const isTcp = [at(manifest, 'spec', 'targetRef'), at(manifest, 'spec', 'targetRefs')]
      .flat()
      .some((ref) => at(ref, 'kind') === 'TCPRoute' || at(ref, 'kind') === 'Service')
    const proxy = at(manifest, 'spec', field, 'version') !== undefined
    return isTcp || proxy ? [tcpSender(place, proxy)] : []
  }

const listener =
  (headers: readonly string[], trust: readonly string[]): Read =>
  (manifest, place) => {
    const changes = at(manifest, 'spec', ...headers)
    // It stands beside the changes; these products set it unless they are told not to.
    const remote = at(manifest, 'spec', ...headers.slice(0, -1), 'useRemoteAddress')
    const treatment = envoyTreatment(changes, { isRemote: remote !== false, isExtended: true })
    const trusts = texts(at(manifest, 'spec', ...trust))
    return [{ ...tcpSender(place, false), http: true, treatment, trusts }]
  }

/** What Envoy does by itself with the headers that name the client. */
export interface EnvoyOwn {
  /** `use_remote_address`: the peer is the client. Without it, headers pass as they came. */
  readonly isRemote: boolean
  /** Without `skip_xff_append`. */
  readonly isExtended: boolean
}

/** Envoy takes away, and sets, before it extends `X-Forwarded-For` by the peer. */
export function envoyTreatment(changes: unknown, own: EnvoyOwn): Sender['treatment'] {
  const isExtended = own.isRemote && own.isExtended
  const found = new Map<string, Treatment>([
    ['x-forwarded-for', isExtended ? 'append' : 'pass'],
    ['x-forwarded-proto', own.isRemote ? 'set' : 'pass'],
  ])
  for (const name of texts(at(changes, 'remove')).map((text) => text.toLowerCase())) {
    found.set(name, isExtended && name === 'x-forwarded-for' ? 'set' : 'clear')
  }
  const set = at(changes, 'set')
  for (const field of Array.isArray(set) ? set : []) {
    found.set(String(at(field, 'name')).toLowerCase(), 'set')
  }
  return treatments(found)
}

const KINDS: ReadonlyMap<string, Read> = new Map([
  ['Service', service],
  ['BackendTrafficPolicy', toService('proxyProtocol')],
  ['BackendConfigPolicy', toService('upstreamProxyProtocol')],
  [
    'ClientTrafficPolicy',
    listener(
      ['headers', 'earlyRequestHeaders'],
      ['clientIPDetection', 'xForwardedFor', 'trustedCIDRs'],
    ),
  ],
  ['ListenerPolicy', listener(['default', 'httpSettings', 'earlyRequestHeaderModifier'], ['-'])],
  ['HTTPListenerPolicy', listener(['earlyRequestHeaderModifier'], ['-'])],
])
