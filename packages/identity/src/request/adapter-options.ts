import {
  callback,
  type Fields,
  instance,
  isRecord,
  oneOf,
  Problems,
  type Report,
  readFields,
  reportUnknown,
  type Values,
} from '@truehop/options'
import { readPolicy } from '../policy/compile.js'
import { policyError } from '../policy/error.js'
import type { PolicyOptions } from '../policy/options.js'
import { Policy } from '../policy/policy.js'
import { POLICY_KEYS } from '../policy/policy-fields.js'
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

type Callback = (difference: Difference) => void

/** What a framework edge takes beside the options of a policy. */
const EDGE_FIELDS = {
  policy: instance(
    'what definePolicy() returns',
    (value) => value instanceof Policy,
  )({
    says: 'A policy that is ready, in place of the options of one.',
    code: 'bad-policy',
  }),
  onUndetermined: oneOf(['reject', 'continue'], {
    says: 'What becomes of a request whose client cannot be named.',
    defaultSays: "`'reject'`; `'continue'` in shadow mode",
    code: 'bad-on-undetermined',
  }),
  compareWith: oneOf(['trust proxy'], {
    says: "Shadow mode: the framework's own `trust proxy` stays in force.",
    code: 'bad-compare-with',
    hint: "the framework's own setting says the rest",
  }),
  onDifference: callback<Callback>()({
    says: 'Called with each difference in shadow mode.',
    code: 'bad-compare-with',
  }),
} satisfies Fields

const EDGE_KEYS = Object.keys(EDGE_FIELDS)

/**
 * Validates what a framework edge was given. `ownKeys` are the options of that edge alone, which
 * it checks itself.
 *
 * @throws {PolicyError} for anything that is not exactly `EdgeOptions`.
 */
export function edgeSettings(options: unknown, ownKeys: readonly string[] = []): EdgeSettings {
  const problems = new Problems()
  const { report } = problems
  const given = isRecord(options) ? options : {}
  reportUnknown(given, [...EDGE_KEYS, ...POLICY_KEYS, ...ownKeys], '', report)
  const values = readFields(EDGE_FIELDS, only(EDGE_KEYS, given), '', report, { says: '' })
  const policyOptions = only(POLICY_KEYS, given)
  checkBesides(values, policyOptions, report)
  const snapshot =
    given['policy'] === undefined
      ? readPolicy(isRecord(options) ? policyOptions : options, problems)
      : values.policy?.current
  if (snapshot === undefined || problems.all.length > 0) throw policyError(problems.all)
  const { policy = new Policy(snapshot), compareWith, onDifference } = values
  const compares = compareWith !== undefined
  return {
    policy,
    onUndetermined: values.onUndetermined ?? (compares ? 'continue' : 'reject'),
    compares,
    onDifference: onDifference && guarded('onDifference', onDifference),
  }
}

function only(keys: readonly string[], given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([key]) => keys.includes(key)))
}

/** Options that each are fine, and mean nothing beside or without another. */
function checkBesides(
  { policy, compareWith, onDifference }: Values<typeof EDGE_FIELDS>,
  policyOptions: Record<string, unknown>,
  report: Report,
): void {
  const [other] = Object.keys(policyOptions)
  if (policy !== undefined && other !== undefined) {
    const message = `must not stand beside ${other}; put that into definePolicy(), or leave policy out`
    report({ path: 'policy', code: 'bad-policy', message })
  }
  if (onDifference === undefined || compareWith !== undefined) return
  const message = "is for shadow mode; write compareWith: 'trust proxy' as well, or leave it out"
  report({ path: 'onDifference', code: 'bad-compare-with', message })
}
