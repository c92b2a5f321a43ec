import { NAMED_RANGES } from '@truehop/ip'
import { platforms } from '../platforms/platforms.js'
import { RANGE_FORMATS } from '../ranges/formats.js'
import { MOST_STALE } from '../ranges/ranges-options.js'
import { MAX_NAME_LENGTH, ORIGINAL_PARTS } from './compile.js'
import { FORMS } from './compile-asserts.js'
import { LISTENER_NAME, PROXY_PROTOCOL_BOUNDS, PROXY_VERSIONS } from './compile-proxy-protocol.js'
import { KNOWN_EVIDENCE } from './known-headers.js'

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
    oneOf: [{ required: ['hops'] }, { required: ['trust', 'header'] }, { required: ['platform'] }],
    properties: {
      $schema: { type: 'string' },
      hops: {
        description: 'Rules and platforms, in order, the one next to the service first',
        type: 'array',
        items: { if: { required: ['platform'] }, ...PLATFORM_OR_RULE },
      },
      ...PLATFORM_KEYS,
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
      unmap: {
        description: 'IPv6 prefixes of translators, whose addresses count as the IPv4 ones in them',
        type: 'array',
        items: { type: 'string', pattern: '^[0-9a-fA-F:.]+/(32|40|48|56|64|96)$' },
      },
      proxyProtocol: { $ref: '#/$defs/proxyProtocol' },
    },
    ...knownUnlessCustom('header'),
    dependentSchemas: {
      hops: { properties: NOT_BESIDE_HOPS },
      trust: { properties: { from: false, name: false } },
      platform: { properties: NOT_BESIDE_PLATFORM },
    },
    additionalProperties: false,
    $defs: {
      rule: RULE,
      platform: PLATFORM,
      from: FROM,
      asserts: ASSERTS,
      ranges: RANGES,
      proxyProtocol: PROXY,
    },
  }
}

/** A header that no proxy is known to write needs `custom: true`. */
function knownUnlessCustom(key: 'header' | 'asserts'): Schema {
  return {
    if: { required: [key], not: { required: ['custom'], properties: { custom: { const: true } } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { [key]: { pattern: `^(${KNOWN_EVIDENCE.map(anyCase).join('|')})$` } } },
  }
}

/** JSON Schema has no flag for it. */
function anyCase(name: string): string {
  return name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
}

const RULE_DETAILS = {
  custom: {
    description: 'A header that no proxy is known to write is meant',
    type: 'boolean',
    default: false,
  },
  form: { description: 'How a header of one address writes it', enum: FORMS },
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
  ['trust', 'header', 'from', 'name', ...Object.keys(RULE_DETAILS)].map((key) => [key, false]),
)
const NOT_BESIDE_PLATFORM = Object.fromEntries(
  ['hops', 'trust', ...Object.keys(RULE_DETAILS)].map((key) => [key, false]),
)

const PLATFORM_KEYS = {
  platform: {
    description: 'What stands in front of the service, by name',
    enum: platforms.map(({ id }) => id),
  },
  from: { $ref: '#/$defs/from', description: 'In place of the own peers of the platform' },
  name: { type: 'string', minLength: 1, maxLength: MAX_NAME_LENGTH },
} satisfies Schema

const PLATFORM = {
  type: 'object',
  required: ['platform'],
  properties: { ...PLATFORM_KEYS, header: { $ref: '#/$defs/asserts' } },
  additionalProperties: false,
} satisfies Schema

/** By `if`, so that what is wrong with a rule is not told as a platform without a name. */
const PLATFORM_OR_RULE = {
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { $ref: '#/$defs/platform' },
  else: { $ref: '#/$defs/rule' },
}

const RULE = {
  type: 'object',
  required: ['from', 'asserts'],
  properties: {
    name: { type: 'string', minLength: 1, maxLength: MAX_NAME_LENGTH },
    from: { $ref: '#/$defs/from' },
    asserts: { $ref: '#/$defs/asserts' },
    ...RULE_DETAILS,
  },
  ...knownUnlessCustom('asserts'),
  additionalProperties: false,
} satisfies Schema

const FIXED = [
  { enum: [...Object.keys(NAMED_RANGES), 'unix', 'event', 'any'] },
  { type: 'string', pattern: '^[0-9a-fA-F:.]+(/[0-9]{1,3})?$' },
]

const FROM = {
  description: 'Addresses that the hop may have',
  type: 'array',
  items: {
    anyOf: [...FIXED, { $ref: '#/$defs/ranges' }],
  },
} satisfies Schema

const ASSERTS = {
  description: 'The evidence that the hop gives: PROXY headers, a list, or a header of one address',
  anyOf: [{ enum: KNOWN_EVIDENCE }, { type: 'string', pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }],
} satisfies Schema

const RANGES = {
  description: 'Ranges that follow a file or a URL',
  type: 'object',
  required: ['format'],
  oneOf: [{ required: ['file'] }, { required: ['url'] }],
  properties: {
    file: { type: 'string', minLength: 1 },
    url: {
      type: 'string',
      pattern: '^(https://[^/]|http://(127\\.[0-9.]+|\\[::1\\]|localhost)([:/]|$))',
    },
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
    staleAfter: { description: 'Seconds', ...whole(1, MOST_STALE), default: 2_592_000 },
    keep: { description: 'File for the last good copy', type: 'string', minLength: 1 },
    initial: {
      description: 'Ranges in force until the first list is in',
      type: 'object',
      required: ['entries', 'date'],
      properties: {
        entries: { type: 'array', items: { type: 'string' } },
        date: { type: 'string', pattern: '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' },
      },
    },
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
    crc32c: { enum: ['verify', 'ignore'], default: 'verify' },
    mixedFamilies: { enum: ['reject', 'accept'], default: 'reject' },
    versions: { type: 'array', minItems: 1, items: { enum: PROXY_VERSIONS }, default: [1, 2] },
    name: {
      description: 'What counters and metrics call it',
      type: 'string',
      pattern: LISTENER_NAME,
    },
    healthCheckFrom: { type: 'array', minItems: 1, items: { anyOf: FIXED } },
  },
  additionalProperties: false,
} satisfies Schema

function whole(minimum: number, maximum?: number): Schema {
  return { type: 'integer', minimum, ...(maximum === undefined ? {} : { maximum }) }
}
