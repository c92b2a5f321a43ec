import { DEFAULT_WIDTHS } from './client-key.js'
import type { NamedLimit } from './named-limit.js'
import { oneOf, refuseNoFunction, refuseUnknown, shown, whole } from './option-check.js'
import type { Limit, LimiterOptions, RateLimitOptions } from './options.js'
import { Quota } from './quota.js'
import { RateLimitError } from './rate-limit-error.js'
import { readName, readPrefix, readSeconds, readUnits, readWider } from './read-quota.js'
import { clientKind } from './redis-client.js'
import { isStore } from './store.js'

/** Timers of Node hold 2^31 - 1 ms at most; a longer one fires at once, and the window is gone. */
const MAX_MEMORY_SECONDS = 2_147_483
const MAX_REDIS_SECONDS = 10_000_000_000

const LIMIT_OPTIONS = [
  ...['name', 'limit', 'window', 'ipv4Prefix', 'ipv6Prefix', 'wider'],
  ...['key', 'cost', 'skip', 'blockDuration'],
]
const LIMITER_OPTIONS = [
  ...['store', 'onStoreError', 'deadline', 'maxKeys', 'legacyHeaders'],
  ...['onRefused', 'onStoreState'],
]
const EXAMPLE = '{ limit: 100, window: 60 } for 100 requests a minute'

/** @throws {RateLimitError} for everything that could not be honoured as written. */
export function readLimits<Request>(
  options: RateLimitOptions<Request>,
): readonly [NamedLimit<Request>, ...NamedLimit<Request>[]] {
  const several = isSeveral(options)
  const own = several ? ['limits'] : LIMIT_OPTIONS
  refuseUnknown(options, [...own, ...LIMITER_OPTIONS], 'rateLimit', EXAMPLE)
  checkLimiterOptions(options)
  const maxSeconds = memoryCounts(options) ? MAX_MEMORY_SECONDS : MAX_REDIS_SECONDS
  return several
    ? readSeveral(options.limits, maxSeconds)
    : [readLimit(options, 'rateLimit', maxSeconds)]
}

/** What is for the limiter as a whole among the options, validated. Throws as `readLimits` does. */
export function readLimiterOptions<Request>(
  options: LimiterOptions<Request>,
): LimiterOptions<Request> {
  refuseUnknown(options, ['limits', ...LIMIT_OPTIONS, ...LIMITER_OPTIONS], 'rateLimit', EXAMPLE)
  checkLimiterOptions(options)
  const shared = Object.entries(options).filter(([name]) => LIMITER_OPTIONS.includes(name))
  return Object.fromEntries(shared)
}

function isSeveral<Request>(
  options: RateLimitOptions<Request>,
): options is LimiterOptions<Request> & { readonly limits: readonly Limit<Request>[] } {
  return typeof options === 'object' && options !== null && 'limits' in options
}

function readSeveral<Request>(
  limits: readonly Limit<Request>[],
  maxSeconds: number,
): [NamedLimit<Request>, ...NamedLimit<Request>[]] {
  const read = (limit: Limit<Request>, i: number) => {
    refuseUnknown(limit, LIMIT_OPTIONS, `limits[${i}]`, EXAMPLE)
    return readLimit(limit, `limits[${i}]`, maxSeconds)
  }
  const [first, ...others] = Array.isArray(limits) ? limits.map(read) : []
  if (first === undefined) {
    throw new RateLimitError(
      'bad-limit-option',
      'limits',
      `${shown(limits)} holds no limit; write limits: [{ name: 'burst', limit: 10, window: 1 }, { name: 'daily', limit: 5000, window: 86400 }]`,
    )
  }
  refuseSameNames([first, ...others])
  return [first, ...others]
}

function readLimit<Request>(
  input: Limit<Request>,
  path: string,
  maxSeconds: number,
): NamedLimit<Request> {
  const { name = 'default', blockDuration = 0 } = input
  const { ipv4Prefix = DEFAULT_WIDTHS.ipv4Prefix, ipv6Prefix = DEFAULT_WIDTHS.ipv6Prefix } = input
  const spec = {
    name: readName(name, `${path}.name`),
    limit: readUnits(input.limit, 1, `${path}.limit`),
    window: readSeconds(input.window, 1, maxSeconds, `${path}.window`),
    blockDuration: readSeconds(blockDuration, 0, maxSeconds, `${path}.blockDuration`),
    ipv4Prefix: readPrefix(ipv4Prefix, 32, `${path}.ipv4Prefix`),
    ipv6Prefix: readPrefix(ipv6Prefix, 128, `${path}.ipv6Prefix`),
  }
  const quota = new Quota(spec, false)
  const { wider: networks = [], cost: units = 1 } = input
  const wider = readWider(networks, spec, `${path}.wider`, maxSeconds)
  refuseNoFunction(input.key, `${path}.key`, 'key: (request) => request.user?.id')
  refuseNoFunction(input.skip, `${path}.skip`, "skip: (request) => request.url === '/health'")
  const cost = readCost(units, spec.limit, `${path}.cost`)
  return { quotas: [quota, ...wider], key: input.key, cost, skip: input.skip }
}

function readCost<Request>(
  cost: number | ((request: Request) => number),
  limit: number,
  path: string,
): number | ((request: Request) => number) {
  if (typeof cost === 'function') return cost
  const hint = 'write a whole number up to the limit, or a function of the request'
  return whole(cost, path, { min: 0, max: limit, code: 'bad-limit-option', hint })
}

function refuseSameNames(limits: readonly NamedLimit<never>[]): void {
  const names = limits.flatMap(({ quotas }) => quotas.map(({ name }) => name))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice === undefined) return
  throw new RateLimitError(
    'name-in-use',
    'limits',
    `two limits are called ${shown(twice)}; give each a name of its own`,
  )
}

function checkLimiterOptions(options: LimiterOptions<never>): void {
  const { store = 'memory', onStoreError = 'local', legacyHeaders = false } = options
  const { deadline = 50, maxKeys = 100_000 } = options
  const known = store === 'memory' || store === 'cluster' || isStore(store)
  if (!known && clientKind(store) === undefined) {
    throw new RateLimitError(
      'bad-store',
      'store',
      `${shown(store)} is no store; write 'memory', 'cluster', or pass a client of ioredis or of node-redis (version 4 or later)`,
    )
  }
  oneOf(onStoreError, ['allow', 'deny', 'local'], 'onStoreError')
  oneOf(legacyHeaders, [true, false, 'seconds', 'epoch'], 'legacyHeaders')
  checkNumber(deadline, 1, 60_000, 'deadline', 'milliseconds such as 50')
  checkNumber(maxKeys, 100, 10_000_000, 'maxKeys', 'keys such as 100000')
  refuseNoFunction(options.onRefused, 'onRefused', 'onRefused: (decision, request) => {}')
  refuseNoFunction(options.onStoreState, 'onStoreState', 'onStoreState: ({ state }) => {}')
}

function checkNumber(value: unknown, min: number, max: number, path: string, of: string): void {
  whole(value, path, { min, max, code: 'bad-limit-option', hint: `write a number of ${of}` })
}

/** Memory counts as the store, in the primary of a cluster, and as the insurance of a store. */
function memoryCounts({
  store = 'memory',
  onStoreError = 'local',
}: LimiterOptions<never>): boolean {
  if (typeof store === 'string' || onStoreError === 'local') return true
  return isStore(store) && store.kind !== 'redis'
}
