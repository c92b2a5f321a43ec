import type { Hop } from '../policy/snapshot.js'
import type { Entry, WalkNode } from './node.js'

/** One entry that the walk read. */
export interface WalkStep {
  /** The node that asserted the entry: RFC 5952 text or `'unix'`. */
  readonly node: string
  readonly port: number | undefined
  /** The rule that trusts the node. */
  readonly rule: string
  /** The evidence that the rule reads: `'proxy-protocol'` or a header's name. */
  readonly asserts: string
  /** The entry as written; for a PROXY header, its fields in words. */
  readonly entry: string
  /** The node that the entry names; undefined if it names none or ends the walk. */
  readonly next: string | undefined
  /** Why the walk ends with this entry; undefined if it goes on. */
  readonly ends: string | undefined
}

/** Receives each step of a walk, in order. */
export type WalkTrace = TracedStep[]

interface TracedStep {
  readonly node: WalkNode
  /** The port of the node. */
  readonly port: number | undefined
  readonly hop: Hop
  readonly entry: Entry
  /** The entry as written. */
  readonly text: string | undefined
}

/** A step for people to read. */
export function stepOf({ node, port, hop, entry, text = '' }: TracedStep): WalkStep {
  return {
    node: node.toString(),
    port,
    rule: hop.name,
    asserts: hop.asserts,
    entry: text,
    next: entry.address?.text,
    ends: entry.endsWalk ?? entry.fault ?? (hop.depth > 0 ? 'count' : undefined),
  }
}
