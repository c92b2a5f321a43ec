import { NAMED_RANGES } from '@truehop/ip'
import { type Fields, objectSchema } from '@truehop/options'
import { platforms } from '../platforms/platforms.js'
import { RANGE_FORMATS, SELECTABLE } from '../ranges/formats.js'
import { RANGES_FIELDS } from '../ranges/ranges-fields.js'
import { UNUSABLE_HEADERS } from './compile-asserts.js'
import { EVIDENCE, FORMS, KNOWN_EVIDENCE, knownForm, LISTS } from './known-headers.js'
import {
  HOPS_FIELDS,
  ONE_PLATFORM_FIELDS,
  ONE_RULE_FIELDS,
  PLATFORM_FIELDS,
} from './policy-fields.js'
import { RULE_FIELDS } from './rule-fields.js'

type Schema = Readonly<Record<string, unknown>>

/** Where the published package has it. */
const ID = 'https://unpkg.com/@truehop/identity/policy.schema.json'

/**
 * The JSON Schema (draft 2020-12) of policy files: what the options' descriptions say, and how they
 * depend on each other. Editors complete from it; `loadPolicy` has the last word on what a schema
 * cannot say: that names differ, that one header has one form, that a custom header is not a
 * misspelt one, and what an IPv6 address is.
 */
export function policySchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: ID,
    title: 'truehop policy',
    description: 'Which hops may say who the client of a request is',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      ...propertiesOf(ONE_PLATFORM_FIELDS),
      ...propertiesOf(ONE_RULE_FIELDS),
      ...propertiesOf(HOPS_FIELDS),
    },
    additionalProperties: false,
    oneOf: [{ required: ['hops'] }, { required: ['trust', 'header'] }, { required: ['platform'] }],
    dependentSchemas: {
      hops: onlyWith(HOPS_FIELDS),
      platform: { ...onlyWith(ONE_PLATFORM_FIELDS), $ref: '#/$defs/platformOptions' },
      trust: { ...onlyWith(ONE_RULE_FIELDS), ...evidenceRules('header', 'trust') },
    },
    $defs: {
      hops: { type: 'array', items: PLATFORM_OR_RULE },
      rule: { ...objectSchema(RULE_FIELDS), ...evidenceRules('asserts', 'from') },
      platform: { ...objectSchema(PLATFORM_FIELDS), $ref: '#/$defs/platformOptions' },
      platformId: { enum: platforms.map(({ id }) => id) },
      platformOptions: { allOf: platforms.map(platformRule) },
      from: { type: 'array', items: { anyOf: [...FIXED, { $ref: '#/$defs/ranges' }] } },
      healthCheckFrom: { type: 'array', minItems: 1, items: { anyOf: FIXED } },
      asserts: ASSERTS,
      ranges: RANGES,
    },
  }
}

function propertiesOf(fields: Fields): object {
  return objectSchema(fields)['properties'] as object
}

function onlyWith(fields: Fields): Schema {
  return { propertyNames: { enum: ['$schema', ...Object.keys(fields)] } }
}

/** By `if`, so that what is wrong with a rule is not reported as a platform without a name. */
const PLATFORM_OR_RULE = {
  if: { required: ['platform'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { $ref: '#/$defs/platform' },
  else: { $ref: '#/$defs/rule' },
} satisfies Schema

/** Which headers can be chosen for a platform, and whether it needs `from` or takes none. */
function platformRule({ id, rules, parameters }: (typeof platforms)[number]): Schema {
  const needsFrom = parameters.some(({ name, required }) => name === 'from' && required)
  const takesFrom = parameters.some(({ name }) => name === 'from')
  const headers = Object.keys(rules)
  const sending = headers.filter((header) =>
    rules[header]?.some(({ asserts, from }) => asserts === 'proxy-protocol' && from === undefined),
  )
  const chooses = { properties: { header: { enum: sending } } }
  const noEvent = when(
    // Without a choice it is the first.
    headers[0] !== undefined && sending.includes(headers[0])
      ? chooses
      : { required: ['header'], ...chooses },
    withoutEvents('from'),
  )
  return when(
    { properties: { platform: { const: id } } },
    {
      properties: { header: { enum: headers }, ...(takesFrom ? {} : { from: false }) },
      ...(needsFrom ? { required: ['from'] } : {}),
      ...(sending.length === 0 ? {} : { allOf: [noEvent] }),
    },
  )
}

/** A request without a connection brings no PROXY header. */
function withoutEvents(from: 'from' | 'trust'): Schema {
  return { properties: { [from]: { not: { contains: { const: 'event' } } } } }
}

/** How the options of a rule depend on the evidence that it names. */
function evidenceRules(asserts: 'asserts' | 'header', from: 'from' | 'trust'): Schema {
  const names = (headers: readonly string[]) => ({ properties: { [asserts]: named(headers) } })
  const ofForm = (form: string) => KNOWN_EVIDENCE.filter((name) => knownForm(name) === form)
  return {
    allOf: [
      // A header that no proxy is known to write.
      {
        anyOf: [
          names(KNOWN_EVIDENCE),
          { required: ['custom'], properties: { custom: { const: true } } },
        ],
      },
      when({ required: ['depth'] }, names(LISTS)),
      when({ required: ['form'] }, { properties: { [asserts]: { not: named(EVIDENCE) } } }),
      ...FORMS.map((form) => when(names(ofForm(form)), { properties: { form: { const: form } } })),
      when(names(['proxy-protocol']), withoutEvents(from)),
    ],
  }
}

function when(condition: Schema, consequence: Schema): Schema {
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  return { if: condition, then: consequence }
}

/** One of these headers, in any case, for which JSON Schema has no flag. */
function named(headers: readonly string[]): Schema {
  return { pattern: `^(${headers.map(anyCase).join('|')})$` }
}

function anyCase(name: string): string {
  return name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
}

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'

const FIXED = [
  { enum: [...Object.keys(NAMED_RANGES), 'unix', 'event', 'any'] },
  { type: 'string', pattern: `^${OCTET}(\\.${OCTET}){3}(/(3[0-2]|[12]?[0-9]))?$` },
  {
    type: 'string',
    pattern: '^[0-9a-fA-F.]*:[0-9a-fA-F:.]*(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?$',
  },
]

const ASSERTS = {
  anyOf: [
    { enum: KNOWN_EVIDENCE },
    {
      type: 'string',
      pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
      not: named(UNUSABLE_HEADERS),
    },
  ],
} satisfies Schema

/** An `enum` must not be empty. */
function oneOfThese(names: readonly string[]): unknown {
  return names.length === 0 ? false : { enum: names }
}

const RANGES = {
  ...objectSchema(RANGES_FIELDS),
  oneOf: [{ required: ['file'] }, { required: ['url'] }],
  allOf: RANGE_FORMATS.map((format) =>
    when(
      { properties: { format: { const: format } } },
      {
        properties: { select: { propertyNames: oneOfThese(SELECTABLE[format]) } },
        ...(format === 'github' ? { required: ['select'] } : {}),
      },
    ),
  ),
} satisfies Schema
