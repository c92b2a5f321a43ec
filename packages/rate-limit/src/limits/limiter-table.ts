import { callback, custom, type Fields, immediateCallback, integer, oneOf } from '@truehop/options'
import type { RedisClient } from '@truehop/redis'
import type { HeaderStyle } from '../respond/header-fields.js'
import type { Store } from '../store/store.js'
import { readDenyList, readHeaders, readStore } from './option-readers.js'
import type { DenyList } from './options.js'

type Any = (...values: never[]) => unknown

/** What the limiter as a whole takes. */
export const LIMITER_FIELDS = {
  store: custom<'memory' | 'cluster' | RedisClient | Store>(
    readStore,
    "`'memory'`, `'cluster'`, a client of ioredis or node-redis, a `Store`",
    undefined,
  )({
    says: 'Where to count.',
    default: 'memory',
  }),
  onStoreError: oneOf(['allow', 'deny', 'local'], {
    says: 'What to do while the store gives no answer.',
    default: 'local',
  }),
  deadline: integer({
    says: 'Time within which a decision is made.',
    unit: 'milliseconds',
    least: 1,
    most: 60_000,
    default: 50,
  }),
  maxKeys: integer({
    says: 'Maximum number of keys in this process.',
    least: 100,
    most: 10_000_000,
    default: 100_000,
  }),
  headers: custom<readonly HeaderStyle[]>(
    readHeaders,
    "`'draft-11'`, `'draft-7'`, `'legacy'`, `'legacy-epoch'`, an array of them, or `false`",
    undefined,
  )({
    says: 'The header fields that say where a client stands.',
    default: ['draft-11'],
  }),
  answer: immediateCallback<Any>()({
    says: 'What to answer in place of problem details.',
    hint: "write answer: () => ({ body: { error: 'slow down' } })",
  }),
  onRefused: callback<Any>()({
    says: 'Called with every refusal.',
    hint: 'write onRefused: (decision, request) => {}',
  }),
  onBan: callback<Any>()({ says: 'Called when a ban begins.', hint: 'write onBan: (ban) => {}' }),
  denyList: custom<DenyList | undefined>(
    readDenyList,
    'object with `add(entry, { ttl, note })`',
    undefined,
  )({
    says: 'Where bans of networks are entered.',
  }),
  onStoreState: callback<Any>()({
    says: 'Called when the store stops answering, and when it answers again.',
    hint: 'write onStoreState: ({ state }) => {}',
  }),
} satisfies Fields
