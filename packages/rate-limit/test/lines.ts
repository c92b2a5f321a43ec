import type { Line, Rule } from '@truehop/rate-limit'
import type { AlgorithmName } from '../src/decide/rule.js'
import { DEFAULT_WIDTHS } from '../src/limits/client-key.js'
import { Key } from '../src/limits/key.js'
import { client } from './identities.js'

/** A rule without ban or refunds; window in milliseconds. */
export function ruleOf(algorithm: AlgorithmName, window: number, more: Partial<Rule> = {}): Rule {
  return { name: 'test', algorithm, window, ban: undefined, refunds: false, ...more }
}

/** A line for a client. */
export function lineOf(rule: Rule, limit: number, ip = '198.51.100.7', more: Partial<Line> = {}) {
  const key = Key.of(client(ip), DEFAULT_WIDTHS)
  const line: Line = { rule, limit, capacity: limit, cost: 1, shadow: false, key, ...more }
  return line
}
