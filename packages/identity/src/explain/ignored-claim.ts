/** A claim about the client that the walk did not use. */
export interface IgnoredClaim {
  /** `'proxy-protocol'` or a header's name. */
  readonly source: string
  /** What was not read, at most 256 characters: of longer text the end, after a `…`. */
  readonly text: string
  readonly why: IgnoredWhy
}

export type IgnoredWhy =
  /** No rule of the policy reads this evidence. */
  | 'no-rule'
  /** A rule reads it, and the walk reached no node that the rule trusts. */
  | 'sender-untrusted'
  /** It stands left of, or behind, the entry at which the walk ended. */
  | 'beyond-the-client'
