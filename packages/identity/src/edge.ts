import { checkKeys, isRecord, show } from './options.js'
import {
  definePolicy,
  type HopsOptions,
  Policy,
  type PolicyOptions,
  type TrustOptions,
} from './policy.js'
import { POLICY_KEYS } from './policy-compiler.js'
import { PolicyError } from './policy-error.js'

/** What becomes of a request whose client cannot be named. */
export type OnUndetermined = 'reject' | 'continue'

/** Options that every framework edge takes: a policy, or the options of one. */
export type EdgeOptions = (HopsOptions | TrustOptions | { readonly policy: Policy }) & {
  /**
   * `'reject'` (default) answers 400 with `application/problem+json` before any route sees the
   * request; `'continue'` lets it through, and its client address is `'unknown'`.
   */
  readonly onUndetermined?: OnUndetermined
}

/** `EdgeOptions`, validated. */
export interface EdgeSettings {
  readonly policy: Policy
  readonly onUndetermined: OnUndetermined
}

/**
 * Validates what a framework edge was given. `ownKeys` are the options of that edge alone, which
 * it checks itself.
 *
 * @throws {PolicyError} for anything that is not exactly `EdgeOptions`.
 */
export function edgeSettings(options: unknown, ownKeys: readonly string[] = []): EdgeSettings {
  // Has the message for what is no object at all.
  if (!isRecord(options)) return { policy: defineUnchecked(options), onUndetermined: 'reject' }
  checkKeys(options, ['policy', ...POLICY_KEYS, 'onUndetermined', ...ownKeys], '')
  const { policy, onUndetermined, ...rest } = options
  for (const key of ownKeys) delete rest[key]
  return {
    policy: policy === undefined ? defineUnchecked(rest) : readyPolicy(policy, rest),
    onUndetermined: choice(onUndetermined),
  }
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
  if (onUndetermined === undefined) return 'reject'
  if (onUndetermined === 'reject' || onUndetermined === 'continue') return onUndetermined
  throw new PolicyError(
    'bad-on-undetermined',
    'onUndetermined',
    `must be 'reject' or 'continue', not ${show(onUndetermined)}`,
  )
}
