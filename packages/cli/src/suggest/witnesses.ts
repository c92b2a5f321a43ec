import type { Evidence } from '@truehop/identity'
import { hasEvidence, isProbe } from './headers.js'
import type { PeerKinds } from './peer-kind.js'

/**
 * Requests that show what a hop does not write: each lacks a header that all earlier ones from the same
 * kind of peer had. One honest request among a million decides whether a header is on every one, and
 * whoever sends the others must not have it thinned out.
 *
 * There are no more of them than headers in the first request of each kind.
 */
export class Witnesses {
  readonly #kinds: PeerKinds
  readonly #always = new Map<string, Set<string>>()
  readonly #found = new Set<Evidence>()

  constructor(kinds: PeerKinds) {
    this.#kinds = kinds
  }

  get values(): ReadonlySet<Evidence> {
    return this.#found
  }

  add(evidence: Evidence): void {
    if (evidence.peer === undefined || isProbe(evidence)) return
    const { is, id } = this.#kinds.of(evidence.peer)
    const always = this.#always.get(`${is} ${id}`)
    if (always === undefined) this.#always.set(`${is} ${id}`, namesOf(evidence))
    else if (lost(always, evidence)) this.#found.add(evidence)
  }
}

function namesOf(evidence: Evidence): Set<string> {
  const names = Object.keys(evidence.headers ?? {})
  return new Set([...names, 'proxy-protocol'].filter((name) => hasEvidence(evidence, name)))
}

/** Takes the names away that are missing; whether there were any. */
function lost(always: Set<string>, evidence: Evidence): boolean {
  const missing = [...always].filter((name) => !hasEvidence(evidence, name))
  for (const name of missing) always.delete(name)
  return missing.length > 0
}
