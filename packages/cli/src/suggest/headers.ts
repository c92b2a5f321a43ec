import { type Evidence, platforms } from '@truehop/identity'

/** The text of a header, its lines joined as Node joins them; undefined where it is absent or empty. */
export function textOf({ headers }: Evidence, name: string): string | undefined {
  const value = headers?.[name]
  const text = typeof value === 'string' ? value : value?.join(', ')
  return text?.trim() === '' ? undefined : text
}

/** Whether the evidence has what a rule would read. */
export function hasEvidence(evidence: Evidence, asserts: string): boolean {
  return asserts === 'proxy-protocol'
    ? (evidence.proxyHeaders?.length ?? 0) > 0
    : textOf(evidence, asserts) !== undefined
}

/** Headers that pass on what a client may have written, whatever peer they come from. */
const HANDED_ON: readonly string[] = [
  'fastly-client-ip',
  'x-azure-clientip',
  'x-envoy-external-address',
  'x-original-forwarded-for',
]

/** Headers that proxies write beside those that a platform is known by. */
const OTHERS = ['x-client-ip', 'client-ip', 'x-cluster-client-ip', 'x-appengine-user-ip']

const READ_BY_PLATFORMS = platforms.flatMap(({ rules }) =>
  Object.values(rules).flatMap((all) => all.map(({ asserts }) => asserts)),
)

/** All evidence that names a client, as far as is known. */
export const CLAIMS: readonly string[] = [
  ...new Set(['proxy-protocol', ...READ_BY_PLATFORMS, ...OTHERS, ...HANDED_ON]),
].filter((name) => name !== 'nothing')

/** Single-address headers that any kind of proxy may be configured to write. */
export const SINGLES: readonly string[] = CLAIMS.filter(
  (name) => !['proxy-protocol', 'x-forwarded-for', 'forwarded', ...HANDED_ON].includes(name),
)

/**
 * Health checkers and scrapers by the beginning of their `User-Agent`. They come from the hop
 * itself, so that its header is rightly missing. A client who borrows such a name loses by it: his
 * request is not counted for any header.
 */
const PROBES =
  /^(?:ELB-HealthChecker|GoogleHC|kube-probe|Google-HC|HealthCheck|AlwaysOn|Edge Health Probe|Render\/|Consul Health Check|Prometheus|Blackbox|UptimeRobot-internal|HAProxy|Amazon-Route53-Health-Check-Service|Cloudflare-Traffic-Manager|Varnish\/fastly \(healthcheck\))/i

/** A request of a health checker, without a header that names a client. */
export function isProbe(evidence: Evidence): boolean {
  const [header] = evidence.proxyHeaders ?? []
  // LOCAL: a hop that speaks for itself, section 2.2 of the PROXY specification.
  if (header?.command === 'LOCAL') return true
  const isNamed =
    PROBES.test(textOf(evidence, 'user-agent') ?? '') ||
    textOf(evidence, 'x-fd-healthprobe') !== undefined
  return isNamed && !CLAIMS.some((name) => hasEvidence(evidence, name))
}
