import {
  custom,
  type Fields,
  type FieldsOf,
  integer,
  object,
  oneOf,
  type Report,
  receiverFields,
  show,
  text,
} from '@truehop/options'
import type { Platform } from '../platforms/platform.js'
import { readPlatform } from '../platforms/read-platform.js'
import { readHealthCheckers } from './compile-proxy-protocol.js'
import type { HopsOptions, PlatformEntry, ProxyProtocolSettings } from './options.js'
import { from, name, SHORT_FIELDS } from './rule-fields.js'
import { readUnmap, type TranslationPrefixes } from './unmap.js'

const PROXY = 'bad-proxy-protocol'

/** How connections with a PROXY header are received. */
export const PROXY_FIELDS = {
  ...receiverFields(PROXY),
  healthCheckFrom: custom<readonly string[]>(
    readHealthCheckers,
    'array of prefixes, addresses and [names](#rules)',
    { $ref: '#/$defs/healthCheckFrom' },
  )({
    says: 'Health checkers that may connect without a header.',
    defaultSays: 'nobody',
    code: PROXY,
  }),
} satisfies FieldsOf<ProxyProtocolSettings>

/** What a policy takes in each of its forms. */
export const COMMON_FIELDS = {
  maxHops: integer({
    says: 'Maximum number of entries that a walk reads; more make the identity undetermined.',
    least: 1,
    most: 65_536,
    default: 64,
    code: 'bad-max-hops',
  }),
  onConflict: oneOf(['ignore', 'reject'], {
    says: 'What happens to a request whose evidence contradicts the walk.',
    default: 'ignore',
    code: 'bad-on-conflict',
  }),
  unmap: custom<TranslationPrefixes>(readUnmap, 'array of IPv6 prefixes', {
    type: 'array',
    items: { type: 'string', pattern: '^[0-9a-fA-F:.]+/(32|40|48|56|64|96)$' },
  })({
    says: 'Prefixes of your own translators, whose addresses count as the IPv4 addresses in them.',
    defaultSays: 'none',
    code: 'bad-unmap',
  }),
  proxyProtocol: object(PROXY_FIELDS, {
    says: 'How connections with a PROXY header are received.',
    code: PROXY,
  }),
} satisfies FieldsOf<Omit<HopsOptions, 'hops'>>

const HOPS_HINT = "write [{ from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' }]"

/** A policy as a list of rules and platforms. */
export const HOPS_FIELDS = {
  hops: custom<readonly unknown[]>(readHops, 'array of [rules](#rules) and platforms', {
    $ref: '#/$defs/hops',
  })({
    says: 'Rules and platforms, the hop next to the service first.',
    required: true,
    code: 'bad-hops',
    hint: HOPS_HINT,
  }),
  ...COMMON_FIELDS,
} satisfies Fields

/** Each rule is read by itself, with the platforms that are listed with it. */
function readHops(hops: unknown, path: string, report: Report): readonly unknown[] {
  // `Array.from`, so that holes are read as undefined.
  if (Array.isArray(hops)) return Array.from(hops)
  report({
    path,
    code: 'bad-hops',
    message: `must be an array of rules, got ${show(hops)}; ${HOPS_HINT}`,
  })
  return []
}

/** What is in front of the service, by name. */
export const PLATFORM_FIELDS = {
  platform: custom<Platform | undefined>(readPlatform, '[platform](platforms/README.md)', {
    $ref: '#/$defs/platformId',
  })({
    says: 'Id of what is in front of the service.',
    required: true,
    code: 'bad-platform',
  }),
  from: from({
    says: "In place of the platform's own peers; required where only you can know them.",
    defaultSays: "the platform's",
    code: 'missing-from',
  }),
  header: text({
    says: "Which of the platform's headers to believe, if there is a choice.",
    defaultSays: "the platform's",
    code: 'bad-header',
  }),
  name: { ...name, says: 'For logs and explanations.', defaultSays: 'the id' },
} satisfies FieldsOf<PlatformEntry>

/** A policy of one platform. */
export const ONE_PLATFORM_FIELDS = { ...PLATFORM_FIELDS, ...COMMON_FIELDS } satisfies Fields

/** A policy of one rule in short. */
export const ONE_RULE_FIELDS = { ...SHORT_FIELDS, ...COMMON_FIELDS } satisfies Fields

/** Every option of any form. */
export const POLICY_KEYS: readonly string[] = [
  ...new Set([HOPS_FIELDS, ONE_RULE_FIELDS, ONE_PLATFORM_FIELDS].flatMap(Object.keys)),
]
