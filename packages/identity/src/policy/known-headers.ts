import type { SingleAddressForm } from '@truehop/forwarded'

/** Evidence of which `depth` can count the elements. */
export const LISTS: readonly string[] = ['x-forwarded-for', 'forwarded']

/** How a single-address header may write its address. */
export const FORMS = ['address', 'address:port'] as const satisfies readonly SingleAddressForm[]

/** Evidence that is not a single-address header. */
export const EVIDENCE = ['proxy-protocol', 'x-forwarded-for', 'forwarded', 'nothing'] as const

/**
 * Single-address headers that proxies and platforms are known to write, and the form they write
 * them in. A rule may name any other with `custom: true`.
 */
const SINGLE_HEADERS: Readonly<Record<string, SingleAddressForm>> = {
  'x-real-ip': 'address',
  'x-client-ip': 'address',
  'client-ip': 'address',
  'cf-connecting-ip': 'address',
  'cf-connecting-ipv6': 'address',
  'true-client-ip': 'address',
  'fastly-client-ip': 'address',
  'fly-client-ip': 'address',
  'do-connecting-ip': 'address',
  'cloudfront-viewer-address': 'address:port',
  'x-appengine-user-ip': 'address',
  'x-azure-clientip': 'address',
  'x-azure-socketip': 'address',
  'x-cluster-client-ip': 'address',
  'x-envoy-external-address': 'address',
  'x-iisnode-remote_addr': 'address',
  'x-nf-client-connection-ip': 'address',
  'x-vercel-forwarded-for': 'address',
  'x-original-forwarded-for': 'address',
  'l5d-remote-ip': 'address',
  '!~passenger-client-address': 'address',
}

export const SINGLE_HEADER_NAMES: readonly string[] = Object.keys(SINGLE_HEADERS)

/** Everything that a rule may assert without `custom: true`. */
export const KNOWN_EVIDENCE: readonly string[] = [...EVIDENCE, ...SINGLE_HEADER_NAMES]

/** The form of a known header; undefined for headers that are not known. */
export function knownForm(header: string): SingleAddressForm | undefined {
  return Object.hasOwn(SINGLE_HEADERS, header) ? SINGLE_HEADERS[header] : undefined
}
