import type { Row } from '../row.js'
import { rulesOf } from './filter.js'
import { termText } from './terms.js'

/** One value of a facet, how many rows have it, and the term that finds them. */
export interface Count {
  readonly value: string
  readonly term: string
  readonly count: number
  /** Of all rows, 0 to 1. */
  readonly share: number
}

export interface Facet {
  readonly title: string
  /** Most frequent first. */
  readonly counts: readonly Count[]
}

const FACETS: readonly (readonly [string, string, (row: Row) => readonly string[]])[] = [
  ['Status', 'status', ({ decision }) => [String(decision.answer?.status ?? 'none')]],
  ['Verdict', 'verdict', ({ decision }) => decision.verdicts.map(({ word }) => word)],
  ['Reason', 'reason', ({ decision }) => [decision.walk.outcome.reason]],
  ['Rule', 'rule', rulesOf],
]

/** Values of one facet that are shown. */
const MAX_VALUES = 8

/** How many rows have which rule, reason, status and verdict. */
export function facetsOf(rows: readonly Row[]): readonly Facet[] {
  return FACETS.map(([title, field, read]) => {
    const counts = new Map<string, number>()
    for (const row of rows) {
      for (const value of new Set(read(row))) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    return {
      title,
      counts: sorted.slice(0, MAX_VALUES).map(([value, count]) => ({
        value,
        term: termText(field, value),
        count,
        share: count / rows.length,
      })),
    }
  }).filter(({ counts }) => counts.length > 0)
}

/** `<1 %`, `33 %`. */
export function shareText(share: number): string {
  const percent = 100 * share
  return percent > 0 && percent < 1 ? '<1 %' : `${Math.round(percent)} %`
}
