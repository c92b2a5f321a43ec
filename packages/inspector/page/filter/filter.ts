import { PrefixError, PrefixSet } from '@truehop/ip'
import { parseSpan } from '../moments.js'
import type { Row } from '../row.js'
import { rowText } from '../row.js'
import { type Term, termsOf } from './terms.js'

/** Whether a row is shown, at this time. */
type Test = (row: Row, now: number) => boolean

export interface Filter {
  readonly test: Test
  /** What is wrong with terms that were left out. */
  readonly problems: readonly string[]
}

/** Reads what was typed; terms all have to match. A term that cannot be read is named, and left out. */
export function readFilter(text: string): Filter {
  const problems: string[] = []
  const tests = termsOf(text).flatMap((term) => {
    const test = testOf(term)
    if (typeof test === 'string') problems.push(test)
    if (typeof test === 'string') return []
    return [term.negated ? (row: Row, now: number) => !test(row, now) : test]
  })
  return { test: (row, now) => tests.every((test) => test(row, now)), problems }
}

/** Undetermined and resolved are what a walk comes to; the others are what was odd about it. */
const KINDS: Readonly<Record<string, (row: Row) => boolean>> = {
  resolved: ({ decision }) => decision.walk.outcome.status === 'resolved',
  undetermined: ({ decision }) => decision.walk.outcome.status === 'undetermined',
  conflict: ({ decision }) => decision.walk.conflicts.length > 0,
  ignored: ({ decision }) => decision.walk.ignored.length > 0,
}

/** Not what every object has: `is:constructor`. */
function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

function testOf({ field, value }: Term): Test | string {
  switch (field) {
    case undefined:
      return anywhere(value)
    case 'client':
      return within(value, ({ decision }) => [decision.walk.outcome.client])
    case 'peer':
      return within(value, ({ decision }) => [decision.walk.peer])
    case 'rule':
      return (row) => rulesOf(row).some((rule) => isSame(rule, value))
    case 'reason':
      return ({ decision }) => isSame(decision.walk.outcome.reason, value)
    case 'status':
      return withStatus(value)
    case 'verdict':
      return ({ decision }) => decision.verdicts.some(({ word }) => isSame(word, value))
    case 'header':
      return inHeader(value)
    case 'instance':
      return ({ instance = '' }) => contains(instance, value)
    case 'is':
      return own(KINDS, value) ?? `is: takes ${Object.keys(KINDS).join(', ')}, not “${value}”`
    default:
      return inTime(field, value)
  }
}

/** An address or a prefix is looked for among the nodes, and everything else in what the row shows. */
function anywhere(value: string): Test {
  const prefix = prefixOf(value)
  if (prefix === undefined) return (row) => contains(rowText(row), value)
  return (row) => nodesOf(row).some((node) => node !== undefined && prefix.has(node))
}

function within(value: string, nodes: (row: Row) => readonly (string | undefined)[]): Test {
  const prefix = prefixOf(value)
  return (row) =>
    nodes(row).some((node = 'undetermined') => prefix?.has(node) ?? contains(node, value))
}

/** Undefined for what is not an address or a prefix. Mapped forms are the IPv4 ones that they stand for. */
function prefixOf(text: string): PrefixSet | undefined {
  if (!/[.:]/.test(text)) return undefined
  try {
    return PrefixSet.from([text])
  } catch (error) {
    if (error instanceof PrefixError) return undefined
    throw error
  }
}

/** Every node of the walk, from the socket peer to the client. */
function nodesOf({ decision: { walk } }: Row): readonly (string | undefined)[] {
  const { peer, steps, outcome } = walk
  return [peer, ...steps.flatMap(({ node, next }) => [node, next]), outcome.client]
}

export function rulesOf({ decision: { walk } }: Row): readonly string[] {
  const rules = walk.steps.map(({ rule }) => rule)
  return walk.outcome.rule === undefined ? rules : [...rules, walk.outcome.rule]
}

/** `403`, `4xx`, `none` for no answer. */
function withStatus(value: string): Test | string {
  if (value === 'none') return ({ decision }) => decision.answer?.status === undefined
  const [, first, rest] = /^([1-5])(\d\d|xx)$/i.exec(value) ?? []
  if (first === undefined) return `status: takes 403, 4xx or none, not “${value}”`
  const isClass = rest?.toLowerCase() === 'xx'
  return ({ decision: { answer } }) => {
    const status = String(answer?.status ?? '')
    return isClass ? status.startsWith(first) : status === value
  }
}

/** The name of a header, or part of what one said, whether it was read or not. */
function inHeader(value: string): Test {
  return ({ decision: { walk } }) =>
    [
      ...walk.steps.flatMap(({ asserts, entry }) => [asserts, entry]),
      ...walk.ignored.flatMap(({ source, text }) => [source, text]),
      ...walk.conflicts.flatMap(({ source, claims }) => [source, claims]),
    ].some((text) => contains(text, value))
}

/** `since:5m`, `until:30s`: how long ago. */
function inTime(field: string, value: string): Test | string {
  const span = parseSpan(value)
  if (span === undefined) return `${field}: takes 30s, 5m or 2h, not “${value}”`
  return field === 'since'
    ? ({ decision }, now) => decision.at >= now - span
    : ({ decision }, now) => decision.at <= now - span
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase())
}

function isSame(text: string, other: string): boolean {
  return text.toLowerCase() === other.toLowerCase()
}
