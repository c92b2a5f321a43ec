import type { CollapseKind } from '../alarm/collapse-alarm.js'
import type { ResolvedReason, UndeterminedReason } from '../walk/identity.js'

/** Lengths of chains that are counted separately; longer ones count as the last. */
const MAX_LENGTH = 64
/** A length is unusual when fewer than one in this many identities have it. */
const UNUSUAL = 128
/** Identities to see before a length can be unusual. */
const LEARN = 1024

/** What a policy has decided since it was defined. Each count only grows. */
export interface PolicyCounts {
  readonly resolved: Readonly<Partial<Record<ResolvedReason, number>>>
  readonly undetermined: Readonly<Partial<Record<UndeterminedReason, number>>>
  /** Claims by peers that no rule trusts, by the evidence; only evidence that the policy reads. */
  readonly untrustedClaims: Readonly<Record<string, number>>
  /** Conflicts by the evidence that disagrees; counted only while there is a listener for them. */
  readonly conflicts: Readonly<Record<string, number>>
  /** Alarms that the policy does not fit its surroundings, by kind. */
  readonly collapses: Readonly<Partial<Record<CollapseKind, number>>>
  /** Requests for which the framework's `trust proxy` names another client, in shadow mode. */
  readonly differences: number
  /** Identities by how many entries their walk read: index 0 to 64, the last for more. */
  readonly chainLengths: readonly number[]
}

/**
 * Counters of a policy. The labels are reasons, and evidence that the policy or this package names:
 * a client cannot add any.
 */
export class PolicyCounters {
  readonly #resolved: Partial<Record<ResolvedReason, number>> = {}
  readonly #undetermined: Partial<Record<UndeterminedReason, number>> = {}
  readonly #untrustedClaims: Record<string, number> = {}
  readonly #conflicts: Record<string, number> = {}
  readonly #collapses: Partial<Record<CollapseKind, number>> = {}
  readonly #chainLengths = new Array<number>(MAX_LENGTH + 1).fill(0)
  #total = 0
  #differences = 0

  countResolved(reason: ResolvedReason): void {
    this.#resolved[reason] = (this.#resolved[reason] ?? 0) + 1
  }

  countUndetermined(reason: UndeterminedReason): void {
    this.#undetermined[reason] = (this.#undetermined[reason] ?? 0) + 1
  }

  countUntrustedClaim(source: string): void {
    this.#untrustedClaims[source] = (this.#untrustedClaims[source] ?? 0) + 1
  }

  countConflict(source: string): void {
    this.#conflicts[source] = (this.#conflicts[source] ?? 0) + 1
  }

  countCollapse(kind: CollapseKind): void {
    this.#collapses[kind] = (this.#collapses[kind] ?? 0) + 1
  }

  countDifference(): void {
    this.#differences++
  }

  /** Counts the length of a chain. True if fewer than one in 128 had it before. */
  countLength(hops: number): boolean {
    const length = Math.min(hops, MAX_LENGTH)
    const before = this.#chainLengths[length] ?? 0
    this.#chainLengths[length] = before + 1
    return this.#total++ >= LEARN && before * UNUSUAL < this.#total
  }

  snapshot(): PolicyCounts {
    return {
      resolved: { ...this.#resolved },
      undetermined: { ...this.#undetermined },
      untrustedClaims: { ...this.#untrustedClaims },
      conflicts: { ...this.#conflicts },
      collapses: { ...this.#collapses },
      differences: this.#differences,
      chainLengths: [...this.#chainLengths],
    }
  }
}
