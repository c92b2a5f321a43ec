import { hostName } from './host-names.js'

/** What a browser says about who asked: a script cannot write any of it. */
export interface RequestOrigin {
  /** `Sec-Fetch-Site`, which browsers send over TLS and to this machine. */
  readonly site: string | undefined
  /** Whether a window asks, as for a link that somebody followed: `Sec-Fetch-Mode` and `-Dest`. */
  readonly isVisit: boolean
  /** `Origin`: sent with most of what is not a visit, over plain HTTP as well. */
  readonly origin: string | undefined
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

export function requestOrigin(headers: Headers): RequestOrigin {
  const text = (name: string): string | undefined => {
    const value = headers[name]
    return value === undefined ? undefined : String(value)
  }
  return {
    site: text('sec-fetch-site'),
    isVisit: text('sec-fetch-mode') === 'navigate' && text('sec-fetch-dest') === 'document',
    origin: text('origin'),
  }
}

/**
 * Whether another site had the operator's browser ask: it could not read the answer, but it could
 * have it made over and over. A link from another site, that somebody followed, is not meant.
 * `hosts` are the names under which this was asked for.
 */
export function isFromOtherSite(
  { site, isVisit, origin }: RequestOrigin,
  hosts: readonly (string | undefined)[],
): boolean {
  if (isVisit) return false
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  if (origin === undefined) return false
  // Without the port, which a proxy may have changed.
  const name = URL.canParse(origin) ? hostName(new URL(origin).host) : undefined
  return !hosts.some((host) => host !== undefined && hostName(host) === name)
}
