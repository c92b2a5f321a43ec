import { IncomingMessage } from 'node:http'
import { type ConnectionEvidence, storeEvidence } from '@truehop/proxy-protocol/evidence'
import type { Way } from './way.js'

/** The options of light-my-request that say where a request comes from. */
export interface InjectedOptions {
  headers: Record<string, string>
  remoteAddress?: string
  Request: object
}

/** Headers that the test writes itself take precedence. */
export function injectOptions<T extends object>(
  options: T,
  { evidence, headers }: Way,
): T & InjectedOptions {
  const { peer } = evidence
  const own: object = 'headers' in options ? Object(options.headers) : {}
  return {
    ...options,
    headers: { ...headers, ...own },
    ...(peer === undefined || peer === 'unix' ? {} : { remoteAddress: peer }),
    Request: requestWith(evidence),
  }
}

/**
 * An injected request has no connection. Giving it a class to inherit from is light-my-request's
 * documented way to add properties, and code that reads the evidence looks at the request first.
 */
function requestWith(evidence: ConnectionEvidence): typeof IncomingMessage {
  class InjectedRequest extends IncomingMessage {}
  storeEvidence(InjectedRequest.prototype, evidence)
  return InjectedRequest
}
