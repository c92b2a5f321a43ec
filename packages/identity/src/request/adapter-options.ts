import {
  callback,
  codeIn,
  type FieldsOf,
  instance,
  isRecord,
  oneOf,
  type Problem,
  readOptions,
  reportUnknown,
} from '@truehop/options'
import { POLICY_KEYS } from '../policy/compile.js'
import { POLICY_ERROR_CODES, PolicyError } from '../policy/error.js'
import type { PolicyOptions } from '../policy/options.js'
import { definePolicy, Policy } from '../policy/policy.js'
import { guarded } from './callback.js'
import { announceReplacements } from './observe.js'
import type { Difference } from './shadow-mode.js'

/** What becomes of a request whose client cannot be named. */
export type OnUndetermined = 'reject' | 'continue'

/** Options that every framework edge takes: a policy, or the options of one. */
export type EdgeOptions = (PolicyOptions | { readonly policy: Policy }) & Omit<EdgeOnly, 'policy'>

interface EdgeOnly {
  readonly policy?: Policy | undefined
  /**
   * `'reject'` (default) answers 400 with `application/problem+json` before any route sees the
   * request; `'continue'` lets it through, and its client address is `'unknown'`.
   */
  readonly onUndetermined?: OnUndetermined | undefined
  /**
   * Shadow mode, for a migration: the framework's own `trust proxy` stays in force for its `ip`,
   * protocol and host, the policy decides `clientIp` and `clientIdentity` beside it, and each
   * request for which the two differ is reported. `onUndetermined` is then `'continue'` unless
   * written otherwise.
   */
  readonly compareWith?: 'trust proxy' | undefined
  /** Called with each difference in shadow mode. */
  readonly onDifference?: ((difference: Difference) => void) | undefined
}

/** What an edge takes beside the options of a policy. */
export const EDGE_OPTIONS = {
  policy: instance<Policy>(
    'what definePolicy() returns',
    (value) => value instanceof Policy,
  )({ says: 'A policy, in place of the options of one.', code: 'bad-policy' }),
  onUndetermined: oneOf(['reject', 'continue'], {
    says: "A request whose client cannot be determined is answered 400, or goes on with the client address `'unknown'`.",
    defaultSays: "`'reject'`; with `compareWith`, `'continue'`",
    code: 'bad-on-undetermined',
    hint: 'leave it out to answer 400',
    see: 'policy.md#what-a-walk-comes-to',
  }),
  compareWith: oneOf(['trust proxy'], {
    says: 'Keeps the setting of the framework in force, and reports requests for which the policy names another client.',
    code: 'bad-compare-with',
    hint: 'what it is compared with is the setting of the framework itself',
    see: 'migration.md#2-watch-it-beside-the-framework',
  }),
  onDifference: callback<(difference: Difference) => void>('(difference) => void')({
    says: 'Called with each such request. Only with `compareWith`.',
    code: 'bad-compare-with',
    see: 'migration.md#2-watch-it-beside-the-framework',
  }),
} satisfies FieldsOf<EdgeOnly>

/** `EdgeOptions`, validated. */
export interface EdgeSettings {
  readonly policy: Policy
  readonly onUndetermined: OnUndetermined
  /** Shadow mode. */
  readonly compares: boolean
  /** Never throws. */
  readonly onDifference: ((difference: Difference) => void) | undefined
}

/**
 * Validates what a framework edge was given. `ownKeys` are the options of that edge alone, which
 * it checks itself.
 *
 * @throws {PolicyError} for anything that is not exactly `EdgeOptions`.
 */
export function edgeSettings(options: unknown, ownKeys: readonly string[] = []): EdgeSettings {
  // Has the message for what is no object at all.
  if (!isRecord(options)) return { ...DEFAULTS, policy: defineUnchecked(options) }
  reportUnknown(options, [...EDGE_KEYS, ...POLICY_KEYS, ...ownKeys], '', (problem) => {
    throw refusal(problem)
  })
  const edge = only(options, (key) => EDGE_KEYS.includes(key))
  const values = readOptions(EDGE_OPTIONS, edge, refusal)
  const { policy, onUndetermined, compareWith, onDifference } = values
  const others = [...EDGE_KEYS, ...ownKeys]
  const rest = only(options, (key) => !others.includes(key))
  const compares = compareWith !== undefined
  const inForce = policy === undefined ? defineUnchecked(rest) : alone(policy, rest)
  // Not every application has a server of its own to bind: Express without attach(), an adapter.
  announceReplacements(inForce)
  return {
    policy: inForce,
    onUndetermined: onUndetermined ?? (compares ? 'continue' : 'reject'),
    compares,
    onDifference: guardedDifference(onDifference, compares),
  }
}

function only(
  options: Readonly<Record<string, unknown>>,
  takes: (key: string) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => takes(key)))
}

const EDGE_KEYS = Object.keys(EDGE_OPTIONS)
const DEFAULTS = { onUndetermined: 'reject', compares: false, onDifference: undefined } as const

function refusal({ code, path, message }: Problem): PolicyError {
  return new PolicyError(codeIn(POLICY_ERROR_CODES, code, 'bad-policy'), path, message)
}

/** Named for the message of what a callback throws. */
function guardedDifference(
  onDifference: ((difference: Difference) => void) | undefined,
  compares: boolean,
): EdgeSettings['onDifference'] {
  if (onDifference === undefined) return undefined
  if (compares) return guarded('onDifference', onDifference)
  throw new PolicyError(
    'bad-compare-with',
    'onDifference',
    "is never called without compareWith; write compareWith: 'trust proxy' as well, or leave it out",
  )
}

function defineUnchecked(options: unknown): Policy {
  return definePolicy(options as PolicyOptions)
}

function alone(policy: Policy, rest: Readonly<Record<string, unknown>>): Policy {
  const other = Object.keys(rest).find((key) => rest[key] !== undefined)
  if (other === undefined) return policy
  throw new PolicyError(
    'bad-policy',
    'policy',
    `cannot stand beside ${other}; put that into definePolicy(), or leave policy out`,
  )
}
