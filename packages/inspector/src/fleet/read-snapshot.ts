import type { Snapshot } from '../view/view.js'

/**
 * What a value has to be: a type, numbers by any name, a list, or an object. A name with `?` may be
 * missing.
 */
type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'figures'
  | readonly [Shape]
  | { readonly [name: string]: Shape }

/** Entries of one list, which no inspector exceeds. */
const MAX_ENTRIES = 4000
/** Characters of one text that are shown: an address is broken into lines at each colon. */
const MAX_TEXT = 4096
/** Numbers of one object that are shown. */
const MAX_FIGURES = 16
/** A later moment cannot be written as a date. */
const MAX_NUMBER = 8.64e15

const CLAIM: Shape = { source: 'string', text: 'string', why: 'string' }

const STEP: Shape = {
  node: 'string',
  'port?': 'number',
  rule: 'string',
  'trustedBy?': 'string',
  asserts: 'string',
  entry: 'string',
  'next?': 'string',
}

const WALK: Shape = {
  'peer?': 'string',
  'peerPort?': 'number',
  steps: [STEP],
  omitted: 'number',
  outcome: {
    status: 'string',
    reason: 'string',
    source: 'string',
    'client?': 'string',
    'port?': 'number',
    'rule?': 'string',
  },
  ignored: [CLAIM],
  conflicts: [{ source: 'string', claims: 'string' }],
}

const DECISION: Shape = {
  id: 'number',
  changed: 'number',
  at: 'number',
  method: 'string',
  path: 'string',
  walk: WALK,
  verdicts: [
    {
      by: 'string',
      name: 'string',
      word: 'string',
      reason: 'string',
      what: ['string'],
      'source?': 'string',
    },
  ],
  'answer?': { 'status?': 'number', complete: 'boolean', ms: 'number' },
  'evidence?': { peer: 'string', proxy: 'string', headers: 'string' },
}

const HOP: Shape = {
  name: 'string',
  asserts: 'string',
  depth: 'number',
  required: 'boolean',
  from: ['string'],
  more: 'number',
  ranges: [
    {
      name: 'string',
      from: ['string'],
      size: 'number',
      'version?': 'string',
      updatedAt: 'number',
      stale: 'boolean',
      'lastError?': 'string',
    },
  ],
}

const POLICY: Shape = {
  version: 'number',
  since: 'number',
  maxHops: 'number',
  onConflict: 'string',
  'proxyProtocol?': { direct: 'string', optional: 'boolean' },
  hops: [HOP],
  answers: [
    {
      rule: 'string',
      field: 'string',
      assertedBy: ['string'],
      more: 'number',
      consumedBy: 'string',
    },
  ],
  findings: [{ code: 'string', severity: 'string', path: 'string', message: 'string' }],
}

const SNAPSHOT: Shape = {
  snapshot: 'number',
  now: 'number',
  instance: { id: 'string', name: 'string', startedAt: 'number' },
  address: 'string',
  keep: 'number',
  bucketMs: 'number',
  passedOver: 'number',
  policy: POLICY,
  history: [
    { version: 'number', at: 'number', removed: ['string'], added: ['string'], omitted: 'number' },
  ],
  collapses: [
    {
      kind: 'string',
      since: 'number',
      last: 'number',
      'client?': 'string',
      'rule?': 'string',
      seen: 'figures',
      advice: 'string',
    },
  ],
  decisions: [DECISION],
  anomalies: [
    {
      id: 'number',
      at: 'number',
      kind: 'string',
      what: 'string',
      'peer?': 'string',
      'detail?': 'string',
    },
  ],
  activity: [
    { at: 'number', resolved: 'number', denied: 'number', limited: 'number', anomalies: 'figures' },
  ],
  clients: [
    {
      client: 'string',
      requests: 'number',
      refused: 'number',
      'limit?': { name: 'string', limit: 'number', remaining: 'number', resetsAt: 'number' },
    },
  ],
}

/**
 * What a page can show of a value that somebody else's program may have sent; undefined if it is not
 * a snapshot. Members that are not known here are left out, however deep or large they are.
 */
export function readSnapshot(value: unknown): Snapshot | undefined {
  if (!fits(value, SNAPSHOT)) return undefined
  const snapshot = picked(value, SNAPSHOT) as Snapshot
  return snapshot.snapshot === 1 ? snapshot : undefined
}

function fits(value: unknown, shape: Shape): boolean {
  if (shape === 'number') return Number.isFinite(value) && Math.abs(value as number) <= MAX_NUMBER
  if (shape === 'figures') return isObject(value) && figuresIn(value).every(isFigure)
  if (typeof shape === 'string') return typeof value === shape
  if (isList(shape)) {
    const [each] = shape
    return (
      Array.isArray(value) && value.length <= MAX_ENTRIES && value.every((one) => fits(one, each))
    )
  }
  if (!isObject(value)) return false
  return Object.entries(shape).every(([name, member]) => {
    const isOptional = name.endsWith('?')
    const inner: unknown = Reflect.get(value, isOptional ? name.slice(0, -1) : name)
    return (isOptional && inner === undefined) || fits(inner, member)
  })
}

/** Of what fits: the members that are known, and texts up to a length. */
function picked(value: unknown, shape: Shape): unknown {
  if (typeof value === 'string') return value.slice(0, MAX_TEXT)
  if (Array.isArray(value) && isList(shape)) return value.map((one) => picked(one, shape[0]))
  if (!isObject(value)) return value
  if (typeof shape === 'string') return Object.fromEntries(figuresIn(value))
  const names = Object.keys(shape).map((name) => name.replace(/\?$/, ''))
  const members = Object.values(shape)
  return Object.fromEntries(
    names.map((name, index) => [name, picked(Reflect.get(value, name), members[index] ?? {})]),
  )
}

function figuresIn(value: object): [string, unknown][] {
  return Object.entries(value).slice(0, MAX_FIGURES)
}

function isFigure([name, value]: [string, unknown]): boolean {
  return name.length <= MAX_TEXT && fits(value, 'number')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}
