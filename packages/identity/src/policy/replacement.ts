import { PolicyError } from './error.js'
import type { PolicySnapshot } from './snapshot.js'

/**
 * Servers are set up once to expect PROXY headers or not. A replacement that needs something else
 * would be in force in only half of the service.
 */
export function checkReplacement(current: PolicySnapshot, next: PolicySnapshot): void {
  if (settingsOf(current) === settingsOf(next)) return
  throw new PolicyError(
    'bad-replacement',
    next.proxyProtocol === undefined ? 'hops' : 'proxyProtocol',
    'changes whether or how PROXY headers are received; a running server cannot follow: start the service again with the new policy',
  )
}

/** The receiver's settings as a comparable string; `from` is live and may change. */
function settingsOf({ proxyProtocol }: PolicySnapshot): string {
  if (proxyProtocol === undefined) return ''
  const { from: _, ...settings } = proxyProtocol
  return JSON.stringify(Object.entries(settings).sort())
}
