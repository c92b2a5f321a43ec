import { codeIn, type Fields, list, object, readOptions, type Values } from '@truehop/options'
import type { BanRule } from '../decide/rule.js'
import { LIMITER_FIELDS } from './limiter-table.js'
import type { NamedLimit } from './named-limit.js'
import { LIMIT_FIELDS, type LimitValues } from './option-table.js'
import type { Limit, LimiterOptions, RateLimitOptions, WiderLimit } from './options.js'
import { QuotaPlan, type QuotaSpec } from './quota-plan.js'
import { RATE_LIMIT_ERROR_CODES, RateLimitError } from './rate-limit-error.js'
import { refuseMixtures } from './refuse-mixtures.js'

const EXAMPLE = { says: '', hint: 'write { limit: 100, window: 60 } for 100 requests a minute' }
const SEVERAL =
  "write limits: [{ name: 'burst', limit: 10, window: 1 }, { name: 'daily', limit: 5000, window: 86400 }]"

const ONE = { ...LIMIT_FIELDS, ...LIMITER_FIELDS } satisfies Fields
const MANY = {
  limits: list(object(LIMIT_FIELDS, EXAMPLE), { says: 'Several limits.', least: 1, hint: SEVERAL }),
  ...LIMITER_FIELDS,
} satisfies Fields

/** What other libraries call it. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  max: 'limit',
  points: 'limit',
  windowMs: 'window, in seconds',
  timeWindow: 'window, in seconds',
  duration: 'window, in seconds',
  interval: 'window, in seconds',
  keyGenerator: 'key',
  allowList: 'allow',
  redis: 'store',
  client: 'store',
  blockTime: 'ban: { for: seconds }',
  skipOnError: "onStoreError: 'allow'",
  passOnStoreError: "onStoreError: 'allow'",
  ipv6Subnet: 'ipv6Prefix',
  timeout: 'deadline, in milliseconds',
  legacyHeaders: "headers: ['draft-11', 'legacy']",
  standardHeaders: "headers: 'draft-11'",
  statusCode: 'answer: () => ({ status, body })',
  message: 'answer: () => ({ status, body })',
  requestWasSuccessful: 'charge: ({ statusCode }) => …',
  skipSuccessfulRequests: 'charge: ({ statusCode }) => statusCode >= 400',
  skipFailedRequests: 'charge: ({ statusCode }) => statusCode < 400',
}

export type LimiterSettings = Values<typeof LIMITER_FIELDS>

/** Limits and the settings they share, as the limiter uses them. */
export interface ReadLimits<Request> {
  readonly limits: readonly [NamedLimit<Request>, ...NamedLimit<Request>[]]
  readonly settings: LimiterSettings
}

/** @throws {RateLimitError} for everything that could not be honoured as written. */
export function readLimits<Request>(options: RateLimitOptions<Request>): ReadLimits<Request> {
  if (!isSeveral(options)) {
    const values = readOptions(ONE, options, refusal, EXAMPLE)
    const read = readLimit(values, options, '')
    refuseSameNames([read], () => '')
    return { limits: [read], settings: values }
  }
  const values = readOptions(MANY, options, refusalBesideLimits, EXAMPLE)
  const read = (values.limits ?? []).map((each, i) =>
    readLimit(each, options.limits[i] ?? { limit: 1, window: 1 }, `limits[${i}].`),
  )
  const [first, ...others] = read
  if (first === undefined) throw new RateLimitError('bad-option', 'limits', SEVERAL)
  refuseSameNames(read, (i) => `limits[${i}]`)
  return { limits: [first, ...others], settings: values }
}

/** The options for the limiter as a whole, validated. Throws like `readLimits`. */
export function readLimiterOptions<Request>(
  options: LimiterOptions<Request>,
): LimiterOptions<Request> {
  const { limits, ...own } = { limits: undefined, ...options }
  const shared = Object.entries(own).filter(([name]) => name in LIMITER_FIELDS)
  const known = { ...LIMITER_FIELDS, ...optional(LIMIT_FIELDS) }
  readOptions(known, isObject(options) ? own : options, refusal, EXAMPLE)
  return Object.fromEntries(shared)
}

/** True for an option of a limit, as opposed to those of the limiter as a whole. */
export function isOfLimit([name, value]: readonly [name: string, value: unknown]): boolean {
  return name in LIMIT_FIELDS && value !== undefined
}

/** For a scope without its own limits: a missing `limit` is not a mistake there. */
function optional(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, option]) => [name, { ...option, required: false }]),
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSeveral<Request>(
  options: RateLimitOptions<Request>,
): options is LimiterOptions<Request> & { readonly limits: readonly Limit<Request>[] } {
  return isObject(options) && 'limits' in options && options.limits !== undefined
}

function refusal(problem: {
  readonly code: string
  readonly path: string
  readonly message: string
}): RateLimitError {
  const { code, path, message } = problem
  const name = path.slice(path.lastIndexOf('.') + 1)
  const meant = code === 'unknown-option' ? OTHER_NAMES[name] : undefined
  const said = meant === undefined ? message : `unknown option; write ${meant}`
  return new RateLimitError(codeIn(RATE_LIMIT_ERROR_CODES, code, 'bad-option'), path, said)
}

/** What belongs to one limit stands inside `limits`, where there are several. */
function refusalBesideLimits(problem: Parameters<typeof refusal>[0]): RateLimitError {
  const { code, path } = problem
  if (code !== 'unknown-option' || !(path in LIMIT_FIELDS)) return refusal(problem)
  const message = 'must be left out beside limits; write it into each of the limits that it is for'
  return new RateLimitError('unknown-option', path, message)
}

function readLimit<Request>(
  values: LimitValues,
  input: Limit<Request>,
  at: string,
): NamedLimit<Request> {
  refuseMixtures(values, at)
  const { limit, window } = input
  const isRefunded = values.charge !== undefined || values.concurrent
  const spec: QuotaSpec<Request> = {
    name: values.name,
    limit,
    window,
    algorithm: values.algorithm,
    burst: values.burst,
    ban: banOf(values),
    refunds: isRefunded,
    shadow: values.shadow !== false,
    ipv4Prefix: values.ipv4Prefix,
    ipv6Prefix: values.ipv6Prefix,
  }
  const wider = widerPlans(values.wider as readonly WiderLimit[], spec, `${at}wider`)
  const { key, skip, charge, cost = 1 } = input
  return {
    plans: [new QuotaPlan(spec, false), ...wider],
    key,
    skip,
    charge,
    cost,
    standalone: values.standalone,
    concurrent: values.concurrent,
    showsShadow: input.shadow === 'headers',
    allowed: values.allow,
    slowDown: values.slowDown,
  }
}

const DAY = 86_400

function banOf({ ban, blockDuration }: LimitValues): BanRule | undefined {
  if (blockDuration > 0) {
    const length = blockDuration * 1000
    return { after: 1, length, backOff: 1, longest: length }
  }
  if (ban === undefined) return undefined
  const { after, for: seconds, backOff, longest = Math.max(DAY, seconds) } = ban
  return { after, length: seconds * 1000, backOff, longest: 1000 * longest }
}

/** The quotas on wider networks, each wider and larger than the one before it. */
function widerPlans<Request>(
  inputs: readonly WiderLimit[],
  base: QuotaSpec<Request>,
  path: string,
): QuotaPlan<Request>[] {
  const plans: QuotaPlan<Request>[] = []
  let narrower = base
  for (const [i, input] of inputs.entries()) {
    const { ipv4Prefix, ipv6Prefix } = input
    const widths = [
      shorter(ipv4Prefix, narrower.ipv4Prefix, `${path}[${i}].ipv4Prefix`),
      shorter(ipv6Prefix, narrower.ipv6Prefix, `${path}[${i}].ipv6Prefix`),
    ].filter((width) => width !== undefined)
    if (widths.length === 0) {
      throw new RateLimitError(
        'bad-limit-prefix',
        `${path}[${i}]`,
        'names no network; write { ipv4Prefix: 24, ipv6Prefix: 48, limit: 1000 }',
      )
    }
    if (typeof narrower.limit === 'number' && input.limit <= narrower.limit) {
      throw new RateLimitError(
        'bad-limit',
        `${path}[${i}].limit`,
        `must be an integer of at least ${narrower.limit + 1}, got ${input.limit}; a wider network holds more clients: write more than the limit before it`,
      )
    }
    const { name = `${base.name}/${widths.join('-')}`, window = base.window, limit } = input
    const spec = {
      ...base,
      name,
      window,
      limit,
      burst: undefined,
      ban: undefined,
      ipv4Prefix,
      ipv6Prefix,
    }
    plans.push(new QuotaPlan(spec, true))
    narrower = {
      ...spec,
      ipv4Prefix: ipv4Prefix ?? narrower.ipv4Prefix,
      ipv6Prefix: ipv6Prefix ?? narrower.ipv6Prefix,
    }
  }
  return plans
}

function shorter(
  value: number | undefined,
  than: number | undefined,
  path: string,
): number | undefined {
  if (value === undefined || than === undefined || value < than) return value
  const mend =
    than === 0
      ? 'the limit before it counts everyone: leave it out'
      : `write fewer bits than ${than}`
  throw new RateLimitError(
    'bad-limit-prefix',
    path,
    `must be shorter than the prefix before it, got ${value}; ${mend}`,
  )
}

/** Two limits of one name would share their counts. */
function refuseSameNames(
  limits: readonly NamedLimit<never>[],
  placeOf: (index: number) => string,
): void {
  const places = new Map<string, string>()
  for (const [i, { plans }] of limits.entries()) {
    for (const [j, { name }] of plans.entries()) {
      const wider = j === 0 ? [] : [`wider[${j - 1}]`]
      const place = [placeOf(i), ...wider].filter((part) => part !== '').join('.')
      const first = places.get(name)
      if (first !== undefined) throw nameTwice(name, first, place)
      places.set(name, place)
    }
  }
}

function nameTwice(name: string, first: string, again: string): RateLimitError {
  const before = first === '' ? 'the limit itself' : first
  return new RateLimitError(
    'name-in-use',
    again,
    `two limits are called '${name}', this one and ${before}; give each its own name`,
  )
}
