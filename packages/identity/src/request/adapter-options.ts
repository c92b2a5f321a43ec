import { checkKeys, isRecord, show } from '../policy/checks.js'
import { POLICY_KEYS } from '../policy/compile.js'
import { PolicyError } from '../policy/error.js'
import type { PolicyOptions } from '../policy/options.js'
import { definePolicy, Policy } from '../policy/policy.js'
import { guarded } from './callback.js'
import type { Difference } from './shadow-mode.js'

/** What becomes of a request whose client cannot be named. */
export type OnUndetermined = 'reject' | 'continue'

/** Options that every framework edge takes: a policy, or the options of one. */
export type EdgeOptions = (PolicyOptions | { readonly policy: Policy }) & {
  /**
   * `'reject'` (default) answers 400 with `application/problem+json` before any route sees the
   * request; `'continue'` lets it through, and its client address is `'unknown'`.
   */
  readonly onUndetermined?: OnUndetermined
  /**
   * Shadow mode, for a migration: the framework's own `trust proxy` stays in force for its `ip`,
   * protocol and host, the policy decides `clientIp` and `clientIdentity` beside it, and each
   * request for which the two differ is reported. `onUndetermined` is then `'continue'` unless
   * written otherwise.
   */
  readonly compareWith?: 'trust proxy'
  /** Told each difference in shadow mode. */
  readonly onDifference?: (difference: Difference) => void
}

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
  checkKeys(options, ['policy', ...POLICY_KEYS, ...EDGE_KEYS, ...ownKeys], '')
  const { policy, onUndetermined, compareWith, onDifference, ...rest } = options
  const compares = shadowMode(compareWith)
  const byDefault = compares ? 'continue' : 'reject'
  for (const key of ownKeys) delete rest[key]
  return {
    policy: policy === undefined ? defineUnchecked(rest) : readyPolicy(policy, rest),
    onUndetermined: choice(onUndetermined === undefined ? byDefault : onUndetermined),
    compares,
    onDifference: callback(onDifference, compares),
  }
}

const EDGE_KEYS = ['onUndetermined', 'compareWith', 'onDifference']
const DEFAULTS = { onUndetermined: 'reject', compares: false, onDifference: undefined } as const

function shadowMode(compareWith: unknown): boolean {
  if (compareWith === undefined) return false
  if (compareWith === 'trust proxy') return true
  throw new PolicyError(
    'bad-compare-with',
    'compareWith',
    `must be 'trust proxy', not ${show(compareWith)}; the framework's own setting says the rest`,
  )
}

function callback(onDifference: unknown, compares: boolean): EdgeSettings['onDifference'] {
  if (onDifference === undefined) return undefined
  if (compares && typeof onDifference === 'function') {
    return guarded('onDifference', (difference: Difference): unknown => onDifference(difference))
  }
  throw new PolicyError(
    'bad-compare-with',
    'onDifference',
    "must be a function, and stand beside compareWith: 'trust proxy'",
  )
}

function defineUnchecked(options: unknown): Policy {
  return definePolicy(options as PolicyOptions)
}

function readyPolicy(policy: unknown, rest: Record<string, unknown>): Policy {
  if (!(policy instanceof Policy)) {
    throw new PolicyError(
      'bad-policy',
      'policy',
      `must be what definePolicy() returns, not ${show(policy)}`,
    )
  }
  const [other] = Object.keys(rest)
  if (other === undefined) return policy
  throw new PolicyError(
    'bad-policy',
    'policy',
    `cannot stand beside ${other}; put that into definePolicy(), or leave policy out`,
  )
}

function choice(onUndetermined: unknown): OnUndetermined {
  if (onUndetermined === 'reject' || onUndetermined === 'continue') return onUndetermined
  throw new PolicyError(
    'bad-on-undetermined',
    'onUndetermined',
    `must be 'reject' or 'continue', not ${show(onUndetermined)}`,
  )
}
