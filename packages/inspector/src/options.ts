import { PeerSet, PrefixError } from '@truehop/ip'
import { InspectorError } from './inspector-error.js'
import { HostNames, hostName } from './serve/host-names.js'
import type { AddressPrivacy, AddressSetting } from './view/address-mask.js'

export interface InspectorOptions {
  /**
   * Who may see the page: prefixes, addresses and the names `loopback`, `linklocal`,
   * `uniquelocal`, `private`, `any`. Asked about the client identity of each request; a client
   * that is undetermined is never let in.
   */
  readonly allow: readonly string[]
  /**
   * How addresses of clients are shown, as in the access log: `'full'` (default), `'truncated'` to
   * /24 and /48, or what `addressPrivacy()` of @truehop/log gives, for its `'hmac'`. What the
   * policy names is shown as written.
   */
  readonly address?: AddressSetting
  /**
   * Names under which the page may be asked for, without port: `['ops.example.com']`. Addresses and
   * `localhost` always are. Any other name is refused, as it may be that of a site which had it
   * resolve to an operator's network to read what is shown there (DNS rebinding).
   */
  readonly hosts?: readonly string[]
  /** Decisions, and as many anomalies, that are kept to be looked at: 10 to 2000. Default 200. */
  readonly keep?: number
  /** Pages that may be open at the same time: 1 to 200. Default 10. */
  readonly maxViewers?: number
}

/** `InspectorOptions`, validated. */
export interface InspectorSettings {
  readonly allow: PeerSet
  readonly hosts: HostNames
  readonly address: AddressSetting
  readonly keep: number
  readonly maxViewers: number
}

const KNOWN = ['allow', 'hosts', 'address', 'keep', 'maxViewers']

/** @throws {InspectorError} for anything that would have to be guessed. */
export function inspectorSettings(options: InspectorOptions): InspectorSettings {
  if (typeof options !== 'object' || options === null) {
    throw new InspectorError('bad-option', '', "expected an object; write { allow: ['loopback'] }")
  }
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key))
  if (unknown !== undefined) {
    const message = `no such option; there are ${KNOWN.join(', ')}`
    throw new InspectorError('unknown-option', unknown, message)
  }
  const { address = 'full', keep = 200, maxViewers = 10 } = options
  if (address !== 'full' && address !== 'truncated' && !isPrivacy(address)) {
    const message = "write 'full', 'truncated', or what addressPrivacy() of @truehop/log gives"
    throw new InspectorError('bad-option', 'address', message)
  }
  return {
    allow: allowed(options.allow),
    hosts: named(options.hosts),
    address,
    keep: whole('keep', keep, 10, 2000),
    maxViewers: whole('maxViewers', maxViewers, 1, 200),
  }
}

function isPrivacy(value: unknown): value is AddressPrivacy {
  const { form, redact } = (value ?? {}) as Partial<AddressPrivacy>
  return typeof form === 'string' && typeof redact === 'function'
}

function allowed(entries: readonly string[] | undefined): PeerSet {
  if (entries === undefined) {
    throw new InspectorError(
      'missing-allow',
      'allow',
      "nobody sees the page unless you say who; write allow: ['loopback'] or the prefixes of your operators",
    )
  }
  if (!Array.isArray(entries) || entries.some((entry) => typeof entry !== 'string')) {
    throw new InspectorError('bad-allow', 'allow', "expected an array such as ['10.0.0.0/8']")
  }
  if (entries.includes('unix')) {
    const message = "a client always has an address, so 'unix' lets in nobody; name prefixes"
    throw new InspectorError('bad-allow', 'allow', message)
  }
  try {
    return PeerSet.from(entries)
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    const at = `allow[${entries.indexOf(error.entry)}]`
    throw new InspectorError('bad-allow', at, `'${error.entry.slice(0, 80)}': ${error.reason}`)
  }
}

function named(hosts: readonly string[] | undefined): HostNames {
  if (hosts === undefined) return new HostNames([])
  if (!Array.isArray(hosts)) {
    throw new InspectorError('bad-hosts', 'hosts', "expected an array such as ['ops.example.com']")
  }
  return new HostNames(
    hosts.map((host: unknown, index) => {
      const isName = typeof host === 'string' && !/[/:*]/.test(host)
      const name = isName ? hostName(host) : undefined
      if (name !== undefined) return name
      const message = "write a host name without scheme, port and wildcard, as 'ops.example.com'"
      throw new InspectorError('bad-hosts', `hosts[${index}]`, message)
    }),
  )
}

function whole(path: string, value: unknown, least: number, most: number): number {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) {
    return Number(value)
  }
  throw new InspectorError('bad-option', path, `write a whole number from ${least} to ${most}`)
}
