import type { ProblemMembers } from '@truehop/identity/adapter'
import { AllowlistError } from './allowlist-error.js'
import type { Decision } from './decision.js'
import type { ListInput } from './prefix-list.js'

/** At least one of `allow` and `deny` must be given; an empty list is a list. */
export interface AllowlistOptions<Request = unknown> {
  /** Who is let through; everybody else is denied. Absent: everybody who is not denied. */
  readonly allow?: ListInput
  /** Who is denied, also when `allow` holds them. */
  readonly deny?: ListInput
  /** Shown in decisions, to tell several allowlists apart. Default `'default'`. */
  readonly name?: string
  /** `'report'` decides and announces, and lets everybody through. Default `'enforce'`. */
  readonly mode?: 'enforce' | 'report'
  /** Status of the refusal, 400 to 599. Default 403. */
  readonly status?: number
  /** Members of the problem details, or a text that is sent as `text/plain`. */
  readonly body?: ProblemMembers | string
  /** Entries that `add` may hold in each list, 1 to 1,000,000. Default 10,000. */
  readonly maxRuntimeEntries?: number
  /** Called with every decision that is not `allowed`, before the refusal; of mode `'report'` too. */
  readonly onRefused?: (decision: Decision, request: Request) => void
}

const KNOWN: ReadonlySet<string> = new Set<keyof AllowlistOptions>([
  'allow',
  'deny',
  'name',
  'mode',
  'status',
  'body',
  'maxRuntimeEntries',
  'onRefused',
])

/** Throws `AllowlistError` for the first option that would have to be guessed. */
export function checkOptions(options: AllowlistOptions<never>): void {
  if (typeof options !== 'object' || options === null) {
    throw new AllowlistError(
      'bad-option',
      '',
      `expected an object, got ${String(options)}; write { allow: ['203.0.113.0/24'] }`,
    )
  }
  refuseUnknown(options, KNOWN)
  if (options.allow === undefined && options.deny === undefined) {
    throw new AllowlistError(
      'missing-lists',
      '',
      "neither allow nor deny is given; write allow: ['203.0.113.0/24'] to let only these through, or deny: ['198.51.100.0/24'] to refuse these",
    )
  }
  checkMode(options.mode)
  checkName(options.name)
  checkInteger('status', options.status, 400, 599)
  checkInteger('maxRuntimeEntries', options.maxRuntimeEntries, 1, 1_000_000)
  checkFunction('onRefused', options.onRefused)
}

/** Throws `AllowlistError` for a member that nobody would read. */
export function refuseUnknown(options: object, known: ReadonlySet<string>): void {
  const unknown = Object.keys(options).find((key) => !known.has(key))
  if (unknown === undefined) return
  throw new AllowlistError(
    'unknown-option',
    unknown,
    `no such option; there are ${[...known].join(', ')}`,
  )
}

function checkMode(mode: unknown): void {
  if (mode === undefined || mode === 'enforce' || mode === 'report') return
  throw new AllowlistError(
    'bad-option',
    'mode',
    `expected 'enforce' or 'report', got ${String(mode)}`,
  )
}

function checkName(name: unknown): void {
  if (name === undefined || (typeof name === 'string' && name !== '')) return
  throw new AllowlistError(
    'bad-option',
    'name',
    `expected a text such as 'admin', got ${String(name)}`,
  )
}

function checkInteger(path: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)
    return
  throw new AllowlistError(
    'bad-option',
    path,
    `expected a whole number from ${least} to ${most}, got ${String(value)}`,
  )
}

function checkFunction(path: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return
  throw new AllowlistError('bad-option', path, `expected a function, got ${typeof value}`)
}
