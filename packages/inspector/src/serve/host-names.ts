import { parseAddress } from '@truehop/ip'

/**
 * The names under which a page may be asked for, besides addresses and `localhost`.
 *
 * A site can make its own name resolve to an operator's network (DNS rebinding): the operator's
 * browser then takes the answers for that site's and lets it read them. But the name that the
 * browser asks for, in `Host` or `:authority`, stays the site's.
 */
export class HostNames {
  readonly #names: ReadonlySet<string>

  /** `names` without port, as `hostName` returns them. */
  constructor(names: Iterable<string>) {
    this.#names = new Set(['localhost', ...names])
  }

  /**
   * Whether an authority, a host with an optional port, is one of them. False for anything else.
   */
  has(authority: string): boolean {
    const name = hostName(authority)
    return name !== undefined && (this.#names.has(name) || parseAddress(name) !== undefined)
  }
}

/**
 * The host of an authority as a browser compares it: lower case, without port, brackets or final
 * dot.
 */
export function hostName(authority: string): string | undefined {
  if (!URL.canParse(`http://${authority}`)) return undefined
  const { hostname, pathname, search, hash, username, password } = new URL(`http://${authority}`)
  if (pathname !== '/' || `${search}${hash}${username}${password}` !== '') return undefined
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}
