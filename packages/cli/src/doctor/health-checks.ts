import { answerText } from './answer.js'
import type { Examination } from './examine.js'
import type { ProbeName } from './probe.js'

/** A kind of health check, and what it sees of this listener. */
export interface HealthCheck {
  readonly check: string
  readonly sees: string
  readonly passes: boolean
}

const CHECKS: readonly (readonly [string, ProbeName])[] = [
  ['HTTP without a header', 'no-header'],
  ['HTTP behind version 1', 'v1'],
  ['HTTP behind version 1 UNKNOWN', 'unknown'],
  ['HTTP behind version 2', 'v2'],
  ['HTTP behind version 2 LOCAL', 'local'],
  ['TLS without a header', 'tls'],
  ['TLS behind version 2', 'header-tls'],
]

/** What each kind of health check would see; a check for HTTP passes with a status under 400. */
export function healthChecks({ probed, tls }: Examination): HealthCheck[] {
  const connected = probed.get('no-header')?.answer.kind !== 'unreachable'
  const tcp = {
    check: 'TCP connect',
    sees: connected ? 'connected' : 'no connection',
    passes: connected,
  }
  const others = CHECKS.flatMap(([check, name]) => {
    const answer = probed.get(name)?.answer
    if (answer === undefined) return []
    const passes = answer.kind === 'tls' || (answer.status !== undefined && answer.status < 400)
    return [
      { check: tls ? check.replace('HTTP', 'HTTPS') : check, sees: answerText(answer), passes },
    ]
  })
  return [tcp, ...others]
}
