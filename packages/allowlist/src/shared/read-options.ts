import { hostname } from 'node:os'
import {
  custom,
  type FieldsOf,
  instance,
  integer,
  isRecord,
  list,
  number,
  object,
  type Report,
  readOptions,
  show,
  text,
  type Values,
} from '@truehop/options'
import { clientKind, type RedisClient } from '@truehop/redis'
import { refusal } from '../allowlist-error.js'
import type { Escalation } from './networks.js'
import type { SharedEntriesOptions, SharedEntryOptions } from './options.js'

function readName(value: unknown, path: string, report: Report): string {
  if (typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value)) return value
  const message = `must be 1 to 64 letters, digits, '_', '.', ':' or '-', got ${show(value)}; it is part of keys in the store: write 'bans'`
  report({ path, code: 'bad-option', message })
  return ''
}

const ESCALATION = {
  entries: integer({
    says: 'How many entries in one network become one for the network.',
    least: 2,
    most: 1000,
    required: true,
    hint: 'write 10',
  }),
  ipv4Prefix: integer({
    says: 'Leading bits of that network for IPv4; without it IPv4 entries stay as they are.',
    least: 8,
    most: 31,
    hint: 'write 24, or leave it out',
  }),
  ipv6Prefix: integer({
    says: 'The same for IPv6.',
    least: 16,
    most: 127,
    hint: 'write 64, or leave it out',
  }),
} satisfies FieldsOf<Escalation>

/** What each option takes; the check, its message and the documentation come from here. */
export const SHARED_ENTRIES_OPTIONS = {
  client: instance<RedisClient>(
    'an ioredis or node-redis client',
    (value): value is RedisClient => clientKind(value) !== undefined,
  )({ says: 'A connected Redis or Valkey client; it is never closed here.', required: true }),
  name: custom<string>(
    readName,
    '1 to 64 letters, digits, `_`, `.`, `:` or `-`',
    undefined,
  )({ says: 'Which entries: all instances with this name share them.', required: true }),
  by: text({
    says: 'Who adds and removes, if `add` and `remove` do not say.',
    most: 100,
    defaultSays: 'the host name',
  }),
  maxEntries: integer({
    says: 'Maximum number of entries. When full, further ones are not added; none is evicted.',
    least: 1,
    most: 5_000_000,
    default: 100_000,
  }),
  interval: integer({
    says: 'Time between two checks for changes.',
    unit: 'milliseconds',
    least: 50,
    most: 60_000,
    default: 250,
  }),
  deadline: integer({
    says: 'Time within which the store must answer.',
    unit: 'milliseconds',
    least: 50,
    most: 60_000,
    default: 1000,
  }),
  keep: text({
    says: 'File for a copy of the entries; nobody but the service may write there.',
    most: 4096,
    defaultSays: 'none',
    see: 'allowlist.md#a-copy-on-disk',
  }),
  escalate: list(object(ESCALATION, { says: 'When entries become the network’s.' }), {
    says: 'When many entries in one network become one for the network.',
    most: 8,
    default: [],
    see: 'allowlist.md#escalation',
  }),
} satisfies FieldsOf<SharedEntriesOptions>

/** What `add` and `remove` take besides the entry. */
const ENTRY_OPTIONS = {
  ttl: number({
    says: 'Time until the entry expires.',
    unit: 'seconds',
    least: 0.001,
    most: 315_576_000,
    hint: 'leave it out for an entry that stays',
  }),
  note: text({ says: 'Why; kept with the entry.', least: 0, most: 200 }),
  by: text({ says: 'Who adds it.', most: 100 }),
} satisfies FieldsOf<SharedEntryOptions>

export type SharedEntriesSettings = Values<typeof SHARED_ENTRIES_OPTIONS> & { readonly by: string }

/** @throws {AllowlistError} for anything that would have to be guessed. */
export function readSharedEntriesOptions(options: SharedEntriesOptions): SharedEntriesSettings {
  const given: unknown = isRecord(options) ? options : undefined
  const values = readOptions(SHARED_ENTRIES_OPTIONS, given, refusal, {
    says: '',
    hint: "write { client, name: 'bans' }",
  })
  return { ...values, by: values.by ?? hostname().slice(0, 100) }
}

/** @throws {AllowlistError} */
export function readSharedEntryOptions(options: SharedEntryOptions): Values<typeof ENTRY_OPTIONS> {
  return readOptions(ENTRY_OPTIONS, options, refusal, { says: '', hint: 'write { ttl: 600 }' })
}
