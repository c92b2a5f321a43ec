import {
  callback,
  type FieldsOf,
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
import { announceReplacements } from './observe.js'
import type { Difference } from './shadow-mode.js'

/** What happens to a request whose client cannot be named. */
export type OnUndetermined = 'reject' | 'continue'

/** Options that every framework adapter takes: a policy, or the options of one. */
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
   * protocol and host, the policy decides `clientIp` and `clientIdentity` alongside, and each
   * request for which the two differ is reported. `onUndetermined` is then `'continue'` unless set
   * otherwise.
   */
  readonly compareWith?: 'trust proxy' | undefined
  /** Called with each difference in shadow mode. */
  readonly onDifference?: ((difference: Difference) => void) | undefined
}

/** What an adapter takes besides the options of a policy. */
export const EDGE_OPTIONS = {
  policy: instance<Policy>(
    'what definePolicy() returns',
    (value) => value instanceof Policy,
  )({ says: 'A policy, in place of the options of one.', code: 'bad-policy' }),
  onUndetermined: oneOf(['reject', 'continue'], {
    says: "Whether a request whose client cannot be determined is answered 400, or goes on with the client address `'unknown'`.",
    defaultSays: "`'reject'`; with `compareWith`, `'continue'`",
    code: 'bad-on-undetermined',
    hint: 'leave it out to answer 400',
    see: 'policy.md#what-a-walk-results-in',
  }),
  compareWith: oneOf(['trust proxy'], {
    says: 'Keeps the setting of the framework in force, and reports requests for which the policy names another client.',
    code: 'bad-compare-with',
    hint: "the policy is compared with the framework's own setting",
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

const EDGE_KEYS = Object.keys(EDGE_OPTIONS)

/**
 * Validates the options of a framework adapter. `ownKeys` are the options of that adapter alone,
 * which it checks itself.
 *
 * @throws {PolicyError} for anything that is not exactly `EdgeOptions`.
 */
export function edgeSettings(options: unknown, ownKeys: readonly string[] = []): EdgeSettings {
  const problems = new Problems()
  const { report } = problems
  const given = isRecord(options) ? options : {}
  reportUnknown(given, [...EDGE_KEYS, ...POLICY_KEYS, ...ownKeys], '', report)
  const values = readFields(EDGE_OPTIONS, only(EDGE_KEYS, given), '', report, { says: '' })
  const policyOptions = only(POLICY_KEYS, given)
  checkBesides(values, policyOptions, report)
  const snapshot =
    given['policy'] === undefined
      ? readPolicy(isRecord(options) ? policyOptions : options, problems)
      : values.policy?.current
  if (snapshot === undefined || problems.all.length > 0) throw policyError(problems.all)
  const { policy = new Policy(snapshot), compareWith, onDifference } = values
  const compares = compareWith !== undefined
  // Not every application has its own server to bind: Express without attach(), a serverless
  // adapter.
  announceReplacements(policy)
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

/** Options that are each fine, but mean nothing with or without another. */
function checkBesides(
  { policy, compareWith, onDifference }: Values<typeof EDGE_OPTIONS>,
  policyOptions: Record<string, unknown>,
  report: Report,
): void {
  const other = Object.keys(policyOptions).find((key) => policyOptions[key] !== undefined)
  if (policy !== undefined && other !== undefined) {
    const message = `cannot be combined with ${other}; put that into definePolicy(), or leave policy out`
    report({ path: 'policy', code: 'bad-policy', message })
  }
  if (onDifference === undefined || compareWith !== undefined) return
  const message =
    "is never called without compareWith; write compareWith: 'trust proxy' as well, or leave it out"
  report({ path: 'onDifference', code: 'bad-compare-with', message })
}
