import type { Hop } from '../policy/snapshot.js'
import type { Entry } from './entry.js'
import type { WalkNode } from './node.js'
import type { Position } from './position.js'

/** One entry that the walk read. */
export interface WalkStep {
  /** The node that asserted the entry: RFC 5952 text or `'unix'`. */
  readonly node: string
  readonly port: number | undefined
  /** The rule that trusts the node. */
  readonly rule: string
  /** The evidence that the rule reads: `'proxy-protocol'` or a header's name. */
  readonly asserts: string
  /** The entry as written; of a PROXY header, its fields in words. */
  readonly entry: string
  /** The node that the entry names; undefined where it names none or ends the walk. */
  readonly next: string | undefined
  /** Why the walk ends with this entry; undefined where it goes on. */
  readonly ends: string | undefined
}

/** Told each step of a walk, in order. */
export type WalkTrace = WalkStep[]

/** The step that reads `entry`, which `node` asserts. */
export function stepOf(at: Position, node: WalkNode, hop: Hop, entry: Entry): WalkStep {
  return {
    node: node.toString(),
    port: at.port,
    rule: hop.name,
    asserts: hop.asserts,
    entry: at.cursor(hop).element,
    next: entry.address?.text,
    ends: entry.endsWalk ?? entry.fault ?? (hop.depth > 0 ? 'count' : undefined),
  }
}
