import type { Evidence } from './evidence.js'

/**
 * Evidence is never refused, and a call that means something else is: an object in place of the
 * peer's text would be a connection without a peer, and an answer to another question.
 *
 * @throws {TypeError} that says what to write.
 */
export function checkShape(evidence: Evidence): void {
  // From JavaScript anything may come.
  const given: unknown = evidence
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`evidence must be an object, got ${kindOf(given)}; ${EXAMPLE}`)
  }
  const { peer, headers, proxyHeaders } = evidence as { [K in keyof Evidence]: unknown }
  if (peer !== undefined && typeof peer !== 'string') {
    throw new TypeError(
      `evidence.peer must be an address as text, 'unix' or 'event', got ${kindOf(peer)}; ${EXAMPLE}`,
    )
  }
  if (headers !== undefined && (typeof headers !== 'object' || headers === null)) {
    throw new TypeError(`evidence.headers must be an object, got ${kindOf(headers)}; ${EXAMPLE}`)
  }
  if (proxyHeaders !== undefined && !Array.isArray(proxyHeaders)) {
    throw new TypeError(
      `evidence.proxyHeaders must be an array of PROXY headers, got ${kindOf(proxyHeaders)}; write [] where a receiver saw none`,
    )
  }
}

const EXAMPLE = "write { peer: '10.0.0.5', headers: request.headers }"

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'object' || typeof value === 'function'
    ? `an ${Array.isArray(value) ? 'array' : 'object'}`
    : `${typeof value} ${String(value).slice(0, 60)}`
}
