import type { ProxyHeader } from '../wire/index.js'
import type { RefusalReason } from './refusal.js'

/** Connections since `acceptProxyProtocol` was called, and those waiting now. */
export interface AcceptCounters {
  /** The `name` that the server was given; absent without one. */
  readonly name?: string | undefined
  /** Passed to the server with at least one header. */
  readonly accepted: number
  /** Of those: whose first header, which the peer itself sent, is of version 1. */
  readonly version1: number
  /** The same for version 2. */
  readonly version2: number
  /** Of those: whose last header is LOCAL, usually health checks. */
  readonly local: number
  /** Of those: followed by yet another header, which the server gets as payload. See `maxHeaders`. */
  readonly headerInPayload: number
  /** Passed to the server without a header: `direct: 'accept'`, `optional`, `healthCheckFrom`. */
  readonly direct: number
  /** Opened and ended without a byte, as health checkers and port scans do. Not refusals. */
  readonly probes: number
  /** Waiting for their header at this moment. */
  readonly pending: number
  /** Refused, by reason; reasons that never occurred are absent. */
  readonly refused: Readonly<Partial<Record<RefusalReason, number>>>
  /** Refused in all. */
  readonly refusedTotal: number
}

export class Counters {
  #accepted = { version1: 0, version2: 0 }
  #local = 0
  headerInPayload = 0
  direct = 0
  probes = 0
  #refused: Partial<Record<RefusalReason, number>> = {}
  #refusedTotal = 0

  /** Counts a connection by its headers. */
  accept(headers: readonly ProxyHeader[]): void {
    if (headers[0]?.version === 1) this.#accepted.version1++
    else this.#accepted.version2++
    if (headers.at(-1)?.command === 'LOCAL') this.#local++
  }

  refuse(reason: RefusalReason): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1
    this.#refusedTotal++
  }

  snapshot(pending: number, name?: string): AcceptCounters {
    const { version1, version2 } = this.#accepted
    return {
      ...(name === undefined ? {} : { name }),
      accepted: version1 + version2,
      version1,
      version2,
      local: this.#local,
      headerInPayload: this.headerInPayload,
      direct: this.direct,
      probes: this.probes,
      pending,
      refused: { ...this.#refused },
      refusedTotal: this.#refusedTotal,
    }
  }
}
