import { createHash } from 'node:crypto'
import type { ClientIdentity } from '@truehop/identity'
import type { NamedLimit } from './named-limit.js'
import type { Quota } from './quota.js'

/** What one request takes from one quota. */
export interface Charge {
  readonly quota: Quota
  readonly key: string
  /** Quota units, 1 or more. */
  readonly cost: number
}

/** Characters. A longer part of a key is hashed: it may be text that the client chose. */
const MAX_KEY_PART = 64

/**
 * The charges of a request: those on the client's own network in the order of the limits, then
 * those on wider networks, outwards. `client` is the key of the first limit's network.
 *
 * @throws {TypeError} for what `key` or `cost` returned, if it can be no key or cost.
 */
export function chargesOf<Request>(
  limits: readonly NamedLimit<Request>[],
  identity: ClientIdentity,
  client: string,
  request: Request,
): Charge[] {
  const charges: Charge[] = []
  const wider: Charge[][] = []
  for (const limit of limits) {
    if (limit.skip?.(request) === true) continue
    const cost = costOf(limit, request)
    if (cost === 0) continue
    const quota = limit.quotas[0]
    const network = limit === limits[0] ? client : quota.keyOf(identity)
    charges.push({ quota, key: ownKey(limit, network, request), cost })
    if (limit.quotas.length > 1) addWider(wider, limit.quotas.slice(1), identity, cost)
  }
  return wider.length === 0 ? charges : [...charges, ...wider.flat()]
}

function addWider(
  wider: Charge[][],
  quotas: readonly Quota[],
  identity: ClientIdentity,
  cost: number,
): void {
  for (const [i, quota] of quotas.entries()) {
    const level = wider[i] ?? []
    wider[i] = level
    if (quota.appliesTo(identity)) level.push({ quota, key: quota.keyOf(identity), cost })
  }
}

function ownKey<Request>(limit: NamedLimit<Request>, network: string, request: Request): string {
  const part: unknown = limit.key?.(request)
  if (part === undefined || part === '') return network
  if (typeof part !== 'string') {
    throw new TypeError(
      `key of limit "${limit.quotas[0].name}" returned a ${typeof part}; return a string or undefined`,
    )
  }
  return `${network}|${part.length > MAX_KEY_PART ? digest(part) : part}`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function costOf<Request>({ cost, quotas }: NamedLimit<Request>, request: Request): number {
  if (typeof cost === 'number') return cost
  const asked: unknown = cost(request)
  if (typeof asked !== 'number' || !Number.isInteger(asked) || asked < 0) {
    throw new TypeError(
      `cost of limit "${quotas[0].name}" returned ${String(asked)}; return a whole number, 0 or more`,
    )
  }
  // More than any limit is refused in any case, and counters must not overflow.
  return Math.min(asked, 1 + Math.max(...quotas.map(({ limit }) => limit)))
}
