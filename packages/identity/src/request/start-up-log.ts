import { lint } from '../policy/lint.js'
import type { Policy } from '../policy/policy.js'
import { guarded } from './callback.js'
import { collapseText, onCollapsed } from './collapse.js'

/**
 * What a framework's log says of a policy at start-up, a line for each: prefixes written with host
 * bits set, and findings of `lint` by which any client can forge an identity. Later a line for each
 * alarm that the policy does not fit its surroundings.
 */
export function logPolicy(policy: Policy, warn: (message: string) => void): void {
  for (const warning of policy.current.warnings) warn(warning)
  for (const { code, severity, path, message } of lint(policy)) {
    if (severity === 'error') warn(`${path}: ${message} [${code}]`)
  }
  // On the request path, where a logger must not fail the request that it reports.
  const tell = guarded('logger.warn', warn)
  onCollapsed(policy, (collapse) => tell(collapseText(collapse)))
}
