import { type Policy, questionsOf } from '@truehop/identity/portable'
import type { AnswersView } from './view.js'

/** The three questions, answered rule by rule, with `shown` of those who may assert at most. */
export function answersView(policy: Policy, shown: number): readonly AnswersView[] {
  return questionsOf(policy).map(({ assertedBy, ...answers }) => ({
    ...answers,
    assertedBy: assertedBy.slice(0, shown),
    more: Math.max(0, assertedBy.length - shown),
  }))
}
