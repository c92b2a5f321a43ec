import { immediate } from '@truehop/identity/adapter'
import type { Outcome } from '../limits/options.js'
import { MAX_UNITS } from '../limits/quota-plan.js'
import type { Charge } from './charge.js'

/**
 * How many units of a charge stay used now that its request has ended.
 *
 * @throws {TypeError} if what `charge` returned is not a number of units.
 */
export function keptUnits<Request>(
  { of, cost }: Charge<Request>,
  outcome: Outcome<Request>,
): number {
  if (of.concurrent) return 0
  if (of.charge === undefined) return cost
  const kept = immediate('charge of limit', of.charge(outcome), of.plans[0].name)
  if (kept === true) return cost
  if (kept === false) return 0
  if (typeof kept === 'number' && Number.isInteger(kept) && kept >= 0) {
    return Math.min(kept, MAX_UNITS)
  }
  throw new TypeError(
    `charge of limit "${of.plans[0].name}" returned ${String(kept)}; return true, false or an integer, 0 or more`,
  )
}
