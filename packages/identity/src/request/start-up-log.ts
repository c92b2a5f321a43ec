import { lint } from '../policy/lint.js'
import type { Policy } from '../policy/policy.js'
import { guarded } from './callback.js'
import { collapseText, onCollapsed } from './collapse.js'

/**
 * What a framework's log says about a policy at start-up, one line each: prefixes written with host
 * bits set, and `lint` findings that let any client forge an identity. Later, one line for each
 * alarm that the policy does not fit its surroundings.
 */
export function logPolicy(policy: Policy, warn: (message: string) => void): void {
  for (const warning of policy.current.warnings) warn(warning)
  for (const { code, severity, path, message } of lint(policy)) {
    if (severity === 'error') warn(`${path}: ${message} [${code}]`)
  }
  // On the request path, where a failing logger must not fail the request that it reports.
  const tell = guarded('logger.warn', warn)
  onCollapsed(policy, (collapse) => tell(collapseText(collapse)))
}
