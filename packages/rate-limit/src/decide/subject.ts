import type { ClientIdentity } from '@truehop/identity'
import { type Address, parseAddress } from '@truehop/ip'
import { crowdOfAddress, type Key } from '../limits/key.js'
import type { NamedLimit } from '../limits/named-limit.js'
import type { Quota } from '../limits/quota.js'
import type { QuotaPlan } from '../limits/quota-plan.js'
import { Charge, keyOfText } from './charge.js'

/** Whose counts an operator means: a client's, a key's, or those of a key within its network. */
export interface Subject<Request> {
  /** An address of the client, or its identity. */
  readonly client?: string | ClientIdentity | undefined
  /** What the `key` of a limit returns. */
  readonly key?: string | undefined
  /** The name of one limit; without it, all limits in which the subject has a count. */
  readonly limit?: string | undefined
  /** Needed, with its identity as `client`, for limits whose `limit` or `window` is a function. */
  readonly request?: Request | undefined
}

/**
 * The charges that a request of the subject would have on its own network, of one unit.
 *
 * @throws {TypeError} for a subject that names no client.
 */
export function chargesOfSubject<Request>(
  limits: readonly NamedLimit<Request>[],
  subject: Subject<Request>,
): Charge<Request>[] {
  const address = addressOf(subject.client)
  const named = limits.filter(({ plans }) => (subject.limit ?? plans[0].name) === plans[0].name)
  const charges = named.flatMap((limit) => chargeOf(limit, address, subject) ?? [])
  if (charges.length > 0) return charges
  const names = limits.map(({ plans }) => `'${plans[0].name}'`).join(', ')
  throw new TypeError(
    `no limit counts this subject: write { client: '198.51.100.7' }, or { key } for a limit with a key, and as limit one of ${names}`,
  )
}

function chargeOf<Request>(
  limit: NamedLimit<Request>,
  address: Address | undefined,
  subject: Subject<Request>,
): Charge<Request> | undefined {
  const { key } = subject
  const plan = limit.plans[0]
  const isByText = limit.key !== undefined && key !== undefined
  if (limit.standalone ? !isByText : address === undefined) return undefined
  const crowd = address === undefined ? -1 : crowdOfAddress(address)
  const network = address === undefined ? undefined : plan.keyOfAddress(address)
  const isAlone = limit.standalone || network === undefined
  const full = isByText ? keyOfText(isAlone ? undefined : network.text, key, crowd) : network
  const quota = plan.fixed ?? quotaFor(plan, subject)
  return full && new Charge(limit, quota, full, 1, homeOf(limit, address) ?? full)
}

function quotaFor<Request>(plan: QuotaPlan<Request>, { request, client }: Subject<Request>): Quota {
  const identity = typeof client === 'string' ? undefined : client
  if (request !== undefined && identity !== undefined) return plan.quotaFor(request, identity)
  throw new TypeError(
    `limit '${plan.name}' depends on the request; pass { request, client: identityOf(request) }`,
  )
}

/** The widest network that a limit counts around an address: see `Line`. */
function homeOf<Request>(
  { plans, standalone }: NamedLimit<Request>,
  address: Address | undefined,
): Key | undefined {
  if (standalone || address === undefined) return undefined
  const counting = plans.filter((plan) => plan.widthFor(address) !== undefined)
  return counting.at(-1)?.keyOfAddress(address)
}

function addressOf(client: string | ClientIdentity | undefined): Address | undefined {
  if (client === undefined) return undefined
  if (typeof client !== 'string') return client.status === 'resolved' ? client.address : undefined
  const address = parseAddress(client)
  if (address === undefined)
    throw new TypeError(`client must be an address, got '${client.slice(0, 60)}'`)
  return address
}
