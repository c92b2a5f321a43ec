import type { Policy } from '../policy/policy.js'
import type { Hop } from '../policy/snapshot.js'
import { headerName } from './header-name.js'

/** The three questions about a client's address, as a policy answers them for one rule. */
export interface RuleAnswers {
  readonly rule: string
  /** Which field is authoritative. */
  readonly field: string
  /** Who may assert it: `from` as written, live ranges by name. */
  readonly assertedBy: readonly string[]
  /** Who consumes it. */
  readonly consumedBy: string
}

/** Answered rule by rule, the hop next to the service first. */
export function questionsOf(policy: Policy): readonly RuleAnswers[] {
  return policy.current.hops.map((hop, index) => ({
    rule: hop.name,
    field: fieldOf(hop),
    assertedBy: hop.entries.map((entry) => (typeof entry === 'string' ? entry : entry.name)),
    consumedBy: consumerOf(hop, index),
  }))
}

function fieldOf({ kind, asserts, depth, original }: Hop): string {
  if (kind === 'proxy-protocol') return 'the PROXY header of the connection'
  if (kind === 'nothing') return 'none: the addresses of its clients are lost'
  const parts = original.map((part) => PARTS[part])
  const also = parts.length === 0 ? '' : `; also the ${parts.join(', ')} of the request`
  return `${headerName(asserts)}: ${placeOf(kind, depth)}${also}`
}

const PARTS = { proto: 'scheme', host: 'host', port: 'port' }

function placeOf(kind: Hop['kind'], depth: number): string {
  if (kind === 'single') return 'its one address'
  return depth > 0
    ? `its element ${depth}, counted from the right`
    : 'the last of its elements that no rule has read yet'
}

function consumerOf({ kind }: Hop, index: number): string {
  const reader = kind === 'proxy-protocol' ? 'the receiver of connections' : 'the walk'
  const when = index === 0 ? '' : ', once the walk has reached one of these addresses'
  return `${reader}${when}; everything else calls identityOf(request)`
}
