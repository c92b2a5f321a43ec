import type { RefusalReason } from './refusal.js'

/** Connections since `acceptProxyProtocol` was called, and those waiting now. */
export interface AcceptCounters {
  /** Given to the server with at least one header. */
  readonly accepted: number
  /** Of those: whose last header is LOCAL, mostly health checks. */
  readonly local: number
  /** Of those: followed by yet another header, which the server gets as payload. See `maxHeaders`. */
  readonly headerInPayload: number
  /** Given to the server without a header: `direct: 'accept'`, `optional`, `healthCheckFrom`. */
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
  accepted = 0
  local = 0
  headerInPayload = 0
  direct = 0
  probes = 0
  #refused: Partial<Record<RefusalReason, number>> = {}
  #refusedTotal = 0

  refuse(reason: RefusalReason): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1
    this.#refusedTotal++
  }

  snapshot(pending: number): AcceptCounters {
    return {
      accepted: this.accepted,
      local: this.local,
      headerInPayload: this.headerInPayload,
      direct: this.direct,
      probes: this.probes,
      pending,
      refused: { ...this.#refused },
      refusedTotal: this.#refusedTotal,
    }
  }
}
