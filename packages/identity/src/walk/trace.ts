import type { Hop } from '../policy/snapshot.js'
import type { NoNode, WalkNode } from './node.js'
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
  /** The entry as written; for a PROXY header, its fields in words. */
  readonly entry: string
  /** The node that the entry names; undefined if it names none or ends the walk. */
  readonly next: string | undefined
  /** Why the walk ends with this entry; undefined if it goes on. */
  readonly ends: string | undefined
}

/** Receives each step of a walk, in order. */
export class WalkTrace {
  readonly steps: WalkStep[] = []
  #node: WalkNode | undefined
  #port: number | undefined

  /** Before the walk reads an entry. */
  leave({ node, port }: Position): void {
    this.#node = node
    this.#port = port
  }

  /** After it has read the entry by the rule; `instead` is what an entry says that names no node. */
  read(at: Position, hop: Hop, instead: NoNode | undefined): void {
    this.steps.push({
      node: `${this.#node}`,
      port: this.#port,
      rule: hop.name,
      asserts: hop.asserts,
      entry: at.opened(hop)?.element ?? '',
      next: instead === undefined ? `${at.node}` : undefined,
      ends: instead?.endsWalk ?? instead?.fault ?? (hop.depth > 0 ? 'count' : undefined),
    })
  }
}
