import {
  boolean,
  custom,
  type Fields,
  type FieldsOf,
  integer,
  oneOf,
  someOf,
  text,
} from '@truehop/options'
import { readAsserts } from './compile-asserts.js'
import { readFrom } from './compile-from.js'
import { FORMS } from './known-headers.js'
import type { HopRule } from './options.js'
import type { LiveRanges } from './peers.js'

const FROM_HINT = "write ['10.0.0.0/8'], or ['any'] to trust every peer"

/** `from` of a rule, and options that are written the same way. */
export const from = custom<readonly (string | LiveRanges)[]>(
  readFrom,
  'array of prefixes, addresses, [names](#rules) and [live ranges](#ranges-that-change)',
  { $ref: '#/$defs/from' },
)

export const name = text({
  says: 'For logs and explanations.',
  most: 64,
  defaultSays: '`hop-1`, `hop-2`, … in policy order',
  code: 'bad-name',
})

const asserts = custom<string>(readAsserts, '[evidence](#evidence)', { $ref: '#/$defs/asserts' })({
  says: 'The evidence that the hop gives.',
  required: true,
  code: 'bad-asserts',
  hint: "write 'x-forwarded-for', 'forwarded', 'proxy-protocol' or the header that the hop sets",
})

/** What a rule may say besides its addresses and its evidence. */
const DETAILS = {
  custom: boolean({
    says: 'Confirms a header that no proxy is known to write.',
    default: false,
    code: 'bad-header',
  }),
  form: oneOf(FORMS, {
    says: "Single-address headers: `'address:port'` if the port is always there, after the last colon.",
    defaultSays: "`'address'`, or the known header's own",
    code: 'bad-form',
  }),
  depth: integer({
    says: 'List headers: the client is the n-th unread element from the right.',
    least: 1,
    code: 'bad-count',
    hint: 'it counts the elements that your own proxies append, and trusts their addresses unread',
  }),
  required: boolean({
    says: 'A hop that sends nothing makes the identity undetermined.',
    default: false,
    code: 'bad-required',
  }),
  original: someOf(['proto', 'host', 'port'], {
    says: 'What the hop may say about scheme and host.',
    defaultSays: "`['proto']`; `[]` for `proxy-protocol`",
    code: 'bad-original',
    hint: 'write [] for none',
  }),
} satisfies Fields

/** What a hop rule takes. Check, message, schema and documentation come from here. */
export const RULE_FIELDS = {
  from: from({
    says: 'The addresses that the hop may have.',
    required: true,
    code: 'missing-from',
    hint: FROM_HINT,
  }),
  asserts,
  name,
  ...DETAILS,
} satisfies FieldsOf<HopRule>

/**
 * The same for the short form of a policy, which is one rule: two of its options have other names.
 */
export const SHORT_FIELDS = {
  trust: from({
    says: 'Short form: `from` of the one rule.',
    required: true,
    code: 'missing-from',
    hint: FROM_HINT,
  }),
  header: { ...asserts, says: 'Short form: `asserts` of the one rule.' },
  ...DETAILS,
} satisfies Fields
