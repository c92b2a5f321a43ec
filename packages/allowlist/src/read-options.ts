import type { ProblemMembers } from '@truehop/identity/adapter'
import {
  callback,
  custom,
  type FieldsOf,
  instance,
  integer,
  isRecord,
  number,
  oneOf,
  type Report,
  readOptions,
  show,
  text,
  type Values,
} from '@truehop/options'
import { AllowlistError, refusal } from './allowlist-error.js'
import type { Decision } from './decision.js'
import { Geo } from './geo/geo.js'
import { isLiveSource } from './live-source.js'
import type { AllowlistOptions, EntryOptions, Replacement } from './options.js'
import type { ListInput } from './prefix-list.js'

const listOption = custom<ListInput>(
  readList,
  'array of prefixes, addresses, range names and live ranges, or live ranges',
  undefined,
)

const LISTS = {
  allow: listOption({
    says: 'Clients that are allowed; everybody else is denied.',
    see: 'allowlist.md#lists',
  }),
  deny: listOption({
    says: 'Clients that are denied, even if `allow` contains them.',
    see: 'allowlist.md#lists',
  }),
} satisfies FieldsOf<Replacement>

/** What each option takes; the check, its message and the documentation come from here. */
export const ALLOWLIST_OPTIONS = {
  ...LISTS,
  geo: instance<Geo>(
    'what openGeo(…) returns',
    (value): value is Geo => value instanceof Geo,
  )({
    says: 'Where `{ country }` and `{ asn }` in the lists are looked up.',
    see: 'allowlist.md#countries-and-networks',
    hint: "write geo: await openGeo({ files: ['…'] })",
  }),
  name: text({ says: 'Shown in decisions, to tell several allowlists apart.', default: 'default' }),
  mode: oneOf(['enforce', 'report'], {
    says: "`'report'` decides and publishes, but lets every client through.",
    default: 'enforce',
    see: 'allowlist.md#trying-lists-out',
  }),
  status: integer({ says: 'Status of the refusal.', least: 400, most: 599, default: 403 }),
  body: custom<ProblemMembers | string>(
    readBody,
    'object or string',
    undefined,
  )({ says: 'Members of the problem details, or a string that is sent as `text/plain`.' }),
  maxRuntimeEntries: integer({
    says: 'Entries that `add` may keep in each list.',
    least: 1,
    most: 1_000_000,
    default: 10_000,
    see: 'allowlist.md#changing-lists-while-the-service-runs',
  }),
  onRefused: callback<(decision: Decision, request: never) => void>('(decision, request) => void')({
    says: "Called for every decision that is not `allowed`, before the refusal; in mode `'report'` too.",
  }),
} satisfies FieldsOf<AllowlistOptions<never>>

/** What `add` takes besides the entry. */
const ENTRY_OPTIONS = {
  ttl: number({
    says: 'Time until the entry expires.',
    unit: 'seconds',
    least: 0.001,
    most: 315_576_000,
    hint: 'leave it out for an entry that stays',
  }),
  note: text({ says: 'Shown in `runtimeEntries()`.', least: 0 }),
} satisfies FieldsOf<EntryOptions>

/** @throws {AllowlistError} for anything that would have to be guessed. */
export function readAllowlistOptions(
  options: AllowlistOptions<never>,
): Values<typeof ALLOWLIST_OPTIONS> {
  const values = readOptions(ALLOWLIST_OPTIONS, options, refusal, {
    says: '',
    hint: "write { allow: ['203.0.113.0/24'] }",
  })
  if (values.allow === undefined && values.deny === undefined) {
    throw new AllowlistError(
      'missing-lists',
      '',
      "has neither allow nor deny; write allow: ['203.0.113.0/24'] to let only these through, or deny: ['198.51.100.0/24'] to refuse these",
    )
  }
  return values
}

/** @throws {AllowlistError} */
export function readReplacement(lists: Replacement): Values<typeof LISTS> {
  return readOptions(LISTS, lists, refusal, {
    says: '',
    hint: "write { allow: ['203.0.113.0/24'] }",
  })
}

/** @throws {AllowlistError} */
export function readEntryOptions(options: EntryOptions): Values<typeof ENTRY_OPTIONS> {
  return readOptions(ENTRY_OPTIONS, options, refusal, { says: '', hint: 'write { ttl: 600 }' })
}

/** The list as written: its entries are read later, in slices, as there may be a million. */
function readList(value: unknown, path: string, report: Report): ListInput {
  // Not by truthiness: an empty string, as from an unset variable, must not pass for no list.
  if (Array.isArray(value) || isLiveSource(value)) return value
  const message = `must be an array of prefixes, got ${show(value)}; write ${path}: ['203.0.113.0/24', '2001:db8::/32']`
  report({ path, code: 'bad-list', message })
  return []
}

function readBody(value: unknown, path: string, report: Report): ProblemMembers | string {
  if (typeof value === 'string' || isRecord(value)) return value
  const message = `must be an object or a string, got ${show(value)}; write { type, title } for members of the problem details`
  report({ path, code: 'bad-option', message })
  return ''
}
