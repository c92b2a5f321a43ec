import { RANGE_FORMATS } from '../ranges/formats.js'
import { MAX_NAME_LENGTH, ORIGINAL_PARTS } from './compile.js'
import { PROXY_PROTOCOL_BOUNDS } from './compile-proxy-protocol.js'

type Schema = Readonly<Record<string, unknown>>

/**
 * The JSON Schema (draft 2020-12) of policy files: what `definePolicy` takes, as far as a schema
 * can say it. Editors complete from it; `loadPolicy` has the last word.
 */
export function policySchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'truehop policy',
    description: 'Which hops may say who the client of a request is',
    type: 'object',
    oneOf: [{ required: ['hops'] }, { required: ['trust', 'header'] }],
    properties: {
      $schema: { type: 'string' },
      hops: { description: 'Rules, in order', type: 'array', items: { $ref: '#/$defs/rule' } },
      trust: { $ref: '#/$defs/from', description: 'Shorthand for one rule: its from' },
      header: { $ref: '#/$defs/asserts', description: 'Shorthand for one rule: its asserts' },
      ...RULE_DETAILS,
      maxHops: {
        description: 'Entries that a walk reads at most',
        ...whole(1, 65_536),
        default: 64,
      },
      onConflict: {
        description: 'What becomes of a request whose evidence contradicts the walk',
        enum: ['ignore', 'reject'],
        default: 'ignore',
      },
      proxyProtocol: { $ref: '#/$defs/proxyProtocol' },
    },
    dependentSchemas: { hops: { properties: NOT_BESIDE_HOPS } },
    additionalProperties: false,
    $defs: { rule: RULE, from: FROM, asserts: ASSERTS, ranges: RANGES, proxyProtocol: PROXY },
  }
}

const RULE_DETAILS = {
  depth: {
    description: 'The client is the n-th element of the list from the right',
    ...whole(1),
  },
  required: {
    description: 'Absent evidence makes the identity undetermined',
    type: 'boolean',
    default: false,
  },
  original: {
    description: 'What the hop may say of the original request',
    type: 'array',
    items: { enum: ORIGINAL_PARTS },
  },
} satisfies Schema

const NOT_BESIDE_HOPS = Object.fromEntries(
  ['trust', 'header', ...Object.keys(RULE_DETAILS)].map((key) => [key, false]),
)

const RULE = {
  type: 'object',
  required: ['from', 'asserts'],
  properties: {
    name: { type: 'string', minLength: 1, maxLength: MAX_NAME_LENGTH },
    from: { $ref: '#/$defs/from' },
    asserts: { $ref: '#/$defs/asserts' },
    ...RULE_DETAILS,
  },
  additionalProperties: false,
} satisfies Schema

const FROM = {
  description: 'Addresses that the hop may have',
  type: 'array',
  items: {
    anyOf: [
      { enum: ['loopback', 'linklocal', 'uniquelocal', 'private', 'unix', 'event', 'any'] },
      { type: 'string', pattern: '^[0-9a-fA-F:.]+(/[0-9]{1,3})?$' },
      { $ref: '#/$defs/ranges' },
    ],
  },
} satisfies Schema

const ASSERTS = {
  description: 'The evidence that the hop gives: PROXY headers, a list, or a header of one address',
  anyOf: [
    { enum: ['proxy-protocol', 'x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip'] },
    { type: 'string', pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" },
  ],
} satisfies Schema

const RANGES = {
  description: 'Ranges that follow a file or a URL',
  type: 'object',
  required: ['format'],
  oneOf: [{ required: ['file'] }, { required: ['url'] }],
  properties: {
    file: { type: 'string', minLength: 1 },
    url: { type: 'string', pattern: '^https?://' },
    name: { type: 'string', minLength: 1 },
    format: { enum: RANGE_FORMATS },
    select: {
      type: 'object',
      additionalProperties: { type: 'array', items: { type: 'string' } },
    },
    refresh: { description: 'Seconds', ...whole(1, 604_800) },
    minimum: { description: 'Prefixes', ...whole(1, 2_000_000), default: 1 },
    maximumShrink: { type: 'number', minimum: 0, maximum: 1, default: 0.5 },
    widest: {
      description: 'Bits of the shortest prefixes',
      type: 'object',
      properties: { ipv4: whole(1, 32), ipv6: whole(1, 128) },
      additionalProperties: false,
    },
    staleAfter: { description: 'Seconds', ...whole(1), default: 2_592_000 },
    keep: { description: 'File for the last good copy', type: 'string', minLength: 1 },
  },
  additionalProperties: false,
} satisfies Schema

const PROXY = {
  description: 'How connections with a PROXY header are received',
  type: 'object',
  properties: {
    ...Object.fromEntries(
      Object.entries(PROXY_PROTOCOL_BOUNDS).map(([key, [least, most, unit]]) => [
        key,
        { description: unit, ...whole(least, most) },
      ]),
    ),
    direct: { enum: ['reject', 'accept'], default: 'reject' },
    optional: { type: 'boolean', default: false },
    healthCheckFrom: { $ref: '#/$defs/from' },
  },
  additionalProperties: false,
} satisfies Schema

function whole(minimum: number, maximum?: number): Schema {
  return { type: 'integer', minimum, ...(maximum === undefined ? {} : { maximum }) }
}
