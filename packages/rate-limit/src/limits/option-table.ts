import type { PrefixSet } from '@truehop/ip'
import {
  boolean,
  custom,
  type Fields,
  immediateCallback,
  integer,
  isAsync,
  list,
  number,
  type Option,
  object,
  oneOf,
  type Report,
  type Values,
} from '@truehop/options'
import { ALGORITHMS } from '../decide/rule.js'
import { DEFAULT_WIDTHS } from './client-key.js'
import { readAllowed, readName, readShadow } from './option-readers.js'
import { MAX_UNITS, MAX_WINDOW } from './quota-plan.js'

type Any = (...values: never[]) => unknown

const SECONDS = { unit: 'seconds', code: 'bad-window' } as const
const WINDOW_HINT = 'it is in seconds: write 60 for a minute'
const LIMIT_HINT = 'write an integer such as limit: 100; to close a route, use an allowlist'

const prefix = (says: string, most: number) =>
  integer({
    says,
    least: 0,
    most,
    code: 'bad-limit-prefix',
    hint: `write a number of leading bits such as ${most}`,
  })

const name = custom<string>(readName, 'printable ASCII, 1 to 128 characters', {
  type: 'string',
  pattern: '^[ -~]{1,128}$',
})

const widerName = name({
  says: 'Shown when this network is what refuses.',
  defaultSays: '`<name>/<prefix>`',
})

const WIDER_FIELDS = {
  name: widerName,
  limit: integer({
    says: 'Quota units a window; more than the limit before it.',
    least: 1,
    most: MAX_UNITS,
    code: 'bad-limit',
    required: true,
    hint: 'a wider network holds more clients: write more than the limit before it',
  }),
  window: integer({
    says: 'Length of the window.',
    least: 1,
    most: MAX_WINDOW,
    ...SECONDS,
    hint: WINDOW_HINT,
    defaultSays: 'that of the limit',
  }),
  ipv4Prefix: prefix('Leading bits, fewer than the limit before it.', 32),
  ipv6Prefix: prefix('Leading bits, fewer than the limit before it.', 128),
} satisfies Fields

const BAN_FIELDS = {
  after: integer({
    says: 'Refusals within one window that lead to a ban.',
    least: 1,
    most: 1_000_000,
    default: 1,
  }),
  for: integer({
    says: 'Length of the first ban.',
    least: 1,
    most: MAX_WINDOW,
    ...SECONDS,
    hint: WINDOW_HINT,
    required: true,
  }),
  backOff: number({
    says: 'How many times longer each further ban is.',
    least: 1,
    most: 10,
    default: 2,
  }),
  longest: integer({
    says: 'No ban is longer.',
    least: 1,
    most: MAX_WINDOW,
    ...SECONDS,
    hint: WINDOW_HINT,
    defaultSays: 'a day, or `for` if that is longer',
  }),
} satisfies Fields

const SLOW_DOWN_FIELDS = {
  after: integer({
    says: 'Units in use above which requests wait, fewer than the limit.',
    least: 0,
    most: MAX_UNITS - 1,
    required: true,
    hint: 'write slowDown: { after: 50, delay: 100 }',
  }),
  delay: integer({
    says: 'Delay for each unit above `after`.',
    unit: 'milliseconds',
    least: 1,
    most: 60_000,
    required: true,
    hint: 'write slowDown: { after: 50, delay: 100 }',
  }),
  longest: integer({
    says: 'No request waits longer.',
    unit: 'milliseconds',
    least: 1,
    most: 60_000,
    default: 10_000,
  }),
} satisfies Fields

/** What one limit takes. */
export const LIMIT_FIELDS = {
  name: name({
    says: 'Shown in the header fields, and part of the key in the store.',
    default: 'default',
  }),
  limit: perRequest(
    integer({
      says: 'Quota units a window: requests, unless `cost` says otherwise.',
      least: 1,
      most: MAX_UNITS,
      code: 'bad-limit',
      hint: LIMIT_HINT,
      required: true,
    }),
  ),
  window: perRequest(
    integer({
      says: 'Length of the window.',
      least: 1,
      most: MAX_WINDOW,
      ...SECONDS,
      hint: WINDOW_HINT,
      required: true,
    }),
  ),
  algorithm: oneOf(ALGORITHMS, {
    says: 'How units that were used come back.',
    default: 'sliding-window',
  }),
  burst: integer({
    says: "Units at once, of a `'token-bucket'`.",
    least: 1,
    most: MAX_UNITS,
    code: 'bad-limit',
    defaultSays: 'the limit',
  }),
  ipv4Prefix: {
    ...prefix('Leading bits that make one IPv4 client; 0 is one bucket for everyone.', 32),
    default: DEFAULT_WIDTHS.ipv4Prefix,
  },
  ipv6Prefix: {
    ...prefix('Leading bits that make one IPv6 client.', 128),
    default: DEFAULT_WIDTHS.ipv6Prefix,
  },
  wider: list(
    object(WIDER_FIELDS, {
      says: 'A wider network.',
      hint: 'write { ipv4Prefix: 24, ipv6Prefix: 48, limit: 1000 }',
    }),
    {
      says: 'Limits on the networks around the client, narrowest first.',
      default: [],
      hint: 'write [{ ipv4Prefix: 24, ipv6Prefix: 48, limit: 1000 }]',
    },
  ),
  key: immediateCallback<Any>()({
    says: 'A string to count in addition to the network.',
    hint: 'write key: (request) => request.user?.id',
  }),
  standalone: boolean({ says: 'Counts `key` alone, over networks and families.', default: false }),
  cost: perRequest(
    integer({
      says: 'Quota units a request takes; a request with 0 is not counted.',
      least: 0,
      most: MAX_UNITS,
      default: 1,
      hint: 'write an integer up to the limit, or a function of the request',
    }),
  ),
  charge: immediateCallback<Any>()({
    says: 'How many units stay used once the request has been answered.',
    hint: 'write charge: ({ statusCode }) => statusCode === 401',
  }),
  concurrent: boolean({ says: 'Limits requests at the same time.', default: false }),
  skip: immediateCallback<Any>()({
    says: 'Leaves a request out: only `true` does.',
    hint: "write skip: (request) => request.url === '/health'",
  }),
  allow: custom<PrefixSet | undefined>(
    readAllowed,
    'array of prefixes and addresses',
    undefined,
  )({
    says: 'Clients that this limit leaves out.',
  }),
  blockDuration: integer({
    says: 'How long a client that exceeds the limit stays refused.',
    least: 0,
    most: MAX_WINDOW,
    ...SECONDS,
    hint: WINDOW_HINT,
    default: 0,
  }),
  ban: object(BAN_FIELDS, {
    says: 'Bans clients that keep asking after they were refused.',
    hint: 'write { after: 10, for: 600 }',
  }),
  shadow: custom<boolean | 'headers'>(
    readShadow,
    "`true`, `false`, `'headers'`",
    undefined,
  )({
    says: 'Counts and decides, but refuses nobody.',
    default: false,
  }),
  slowDown: object(SLOW_DOWN_FIELDS, {
    says: 'Makes requests wait before the limit refuses them.',
    hint: 'write { after: 50, delay: 100 }',
  }),
} satisfies Fields

/** The options of a limit, each of them read. */
export type LimitValues = Values<typeof LIMIT_FIELDS>

/** A number, or a function that returns it for a request. */
function perRequest<const O extends Option<number>>(option: O) {
  const isFunction = (value: unknown): value is Any =>
    typeof value === 'function' && !isAsync(value)
  return {
    ...option,
    type: `${option.type}${option.unit === undefined ? '' : ` ${option.unit}`}, or a function`,
    unit: undefined,
    read(value: unknown, path: string, report: Report): number | Any {
      return isFunction(value) ? value : option.read(value, path, report)
    },
  }
}
