import { show } from '@truehop/options'
import { PolicyError } from './error.js'
import { definePolicy, type Policy } from './policy.js'

/** Values of Express's `trust proxy` and Fastify's `trustProxy`. */
export type TrustProxyValue =
  | boolean
  | number
  | string
  | readonly string[]
  | ((address: string, hop: number) => boolean)
  | null
  | undefined

export interface TrustProxyOptions {
  /** For hop counts: whose connections are counted. Like `from` in a rule. */
  readonly from?: readonly string[] | undefined
}

/**
 * The policy that does what a `trust proxy` (Express) or `trustProxy` (Fastify) value was meant to
 * do: address lists become `trust` over `X-Forwarded-For`, `false` and 0 trust nobody, and a hop
 * count becomes `depth` if `options.from` says whose connections are counted.
 *
 * @throws {PolicyError} `no-equivalent` for `true`, functions, and hop counts without `from`: the
 * message prints the policy to write instead. Otherwise like `definePolicy`, for entries that are
 * not addresses: both frameworks read `'1'` as such a list, with the address 0.0.0.1.
 */
export function fromTrustProxy(value: TrustProxyValue, options: TrustProxyOptions = {}): Policy {
  if (value === false || value === undefined || value === null || value === 0 || value === '') {
    return definePolicy({ hops: [] })
  }
  if (typeof value === 'number') return fromHopCount(value, options)
  if (value === true) throw noEquivalent('true lets every client name its own address', ['any'])
  if (typeof value === 'function') {
    throw noEquivalent('a function cannot be turned into a policy', ['<the addresses it accepts>'])
  }
  if (typeof value !== 'string' && !Array.isArray(value)) {
    throw noEquivalent(`${show(value)} is not a value of trust proxy`, ['10.0.0.0/8'])
  }
  const entries = typeof value === 'string' ? value.split(',') : [...value]
  return definePolicy({ trust: entries.map(asPrefix), header: 'x-forwarded-for' })
}

function fromHopCount(count: number, { from }: TrustProxyOptions): Policy {
  if (from !== undefined) {
    return definePolicy({ hops: [{ from, asserts: 'x-forwarded-for', depth: count }] })
  }
  const depth = Number.isSafeInteger(count) && count > 0 ? count : 1
  throw noEquivalent(
    `a hop count of ${show(count)} trusts every peer; say whose connections are counted`,
    ['<addresses of your nearest proxy>'],
    depth,
  )
}

function noEquivalent(why: string, trust: readonly string[], depth?: number): PolicyError {
  const policy = { trust, header: 'x-forwarded-for', ...(depth === undefined ? {} : { depth }) }
  return new PolicyError(
    'no-equivalent',
    'trust proxy',
    `${why}; the equivalent policy is definePolicy(${JSON.stringify(policy)}), and a safe one names your proxies`,
  )
}

/** Both frameworks accept white space around entries, and netmasks: `10.0.0.0/255.0.0.0`. */
function asPrefix(entry: unknown): string {
  const text = typeof entry === 'string' ? entry.trim() : String(entry)
  const [address, mask, ...rest] = text.split('/')
  if (mask === undefined || rest.length > 0 || !mask.includes('.')) return text
  // A netmask says how many bits of an IPv4 address count, and nothing about an IPv6 address.
  if (address?.includes(':') === true) return text
  const length = maskLength(mask)
  return length === undefined ? text : `${address}/${length}`
}

/** The prefix length of a contiguous dotted netmask; undefined for anything else. */
function maskLength(mask: string): number | undefined {
  const octets = mask.split('.')
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && +octet < 256)) {
    return undefined
  }
  const bits = octets.map((octet) => Number(octet).toString(2).padStart(8, '0')).join('')
  return /^1*0*$/.test(bits) ? (bits.indexOf('0') === -1 ? 32 : bits.indexOf('0')) : undefined
}
