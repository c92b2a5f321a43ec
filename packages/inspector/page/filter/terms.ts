/** One term of a filter, as it was typed. */
export interface Term {
  /** `rule` of `rule:edge`; undefined for a term without a field. */
  readonly field: string | undefined
  readonly value: string
  /** With `-` in front: what it matches is left out. */
  readonly negated: boolean
}

/** Characters and terms of one filter that are read. */
export const MAX_FILTER = 400
const MAX_TERMS = 20

/** One term: a field with a colon, and a value that is quoted if it contains blanks. */
const TERM = /(-?)(?:([a-z]+):)?(?:"([^"]*)"?|([^\s"]+))/g

const FIELDS: ReadonlySet<string> = new Set([
  'client',
  'peer',
  'rule',
  'reason',
  'status',
  'verdict',
  'header',
  'is',
  'instance',
  'since',
  'until',
])

/** `198.51.100.0/24 rule:"local proxy" -status:2xx` as terms. */
export function termsOf(filter: string): Term[] {
  const found = [...filter.slice(0, MAX_FILTER).matchAll(TERM)].slice(0, MAX_TERMS)
  return found.map(([whole, minus, field, quoted, bare = '']) => {
    const value = quoted ?? bare
    // An address of version 6 has colons of its own, and so may a path.
    if (field !== undefined && !FIELDS.has(field)) {
      const text = whole.slice(minus?.length ?? 0).replaceAll('"', '')
      return { field: undefined, value: text, negated: minus === '-' }
    }
    return { field, value, negated: minus === '-' }
  })
}

/** A term as it is typed. */
export function termText(field: string, value: string): string {
  return /[\s"]/.test(value) ? `${field}:"${value.replaceAll('"', '')}"` : `${field}:${value}`
}

/** The filter with a term added, or without it where it has it already. */
export function toggled(filter: string, term: string): string {
  const terms = typed(filter)
  const others = terms.filter((known) => known !== term)
  return (others.length < terms.length ? others : [...terms, term]).join(' ')
}

export function hasTerm(filter: string, term: string): boolean {
  return typed(filter).includes(term)
}

function typed(filter: string): string[] {
  return [...filter.matchAll(TERM)].map(([whole]) => whole)
}
