import type { Snapshot } from '../view/view.js'

/** What a value has to be: a type, a list, or an object. A name with `?` may be missing. */
type Shape = 'string' | 'number' | 'boolean' | readonly [Shape] | { readonly [name: string]: Shape }

/** Entries of one list, which no inspector exceeds. */
const MAX_ENTRIES = 4000

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
      seen: {},
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
    { at: 'number', resolved: 'number', denied: 'number', limited: 'number', anomalies: {} },
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

/** Whether a value, which somebody else's program may have sent, is what a page can show. */
export function isSnapshot(value: unknown): value is Snapshot {
  return fits(value, SNAPSHOT) && (value as Snapshot).snapshot === 1
}

function fits(value: unknown, shape: Shape): boolean {
  if (shape === 'number') return Number.isFinite(value) && Math.abs(value as number) <= MAX_NUMBER
  if (typeof shape === 'string') return typeof value === shape
  if (isList(shape)) {
    const [each] = shape
    return (
      Array.isArray(value) && value.length <= MAX_ENTRIES && value.every((one) => fits(one, each))
    )
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(shape).every(([name, member]) => {
    const isOptional = name.endsWith('?')
    const inner: unknown = Reflect.get(value, isOptional ? name.slice(0, -1) : name)
    return (isOptional && inner === undefined) || fits(inner, member)
  })
}

/** A later moment cannot be written as a date. */
const MAX_NUMBER = 8.64e15

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}
