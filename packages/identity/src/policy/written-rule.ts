import type { Values } from '@truehop/options'
import type { RULE_FIELDS } from './rule-fields.js'

export type RuleValues = Values<typeof RULE_FIELDS>

/** A rule as read, and where its options are. */
export interface WrittenRule {
  readonly rule: RuleValues
  readonly at: (option: string) => string
}
