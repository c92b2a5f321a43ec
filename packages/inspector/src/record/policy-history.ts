import type { Policy } from '@truehop/identity'
import { policyLines } from '../view/policy-lines.js'
import type { PolicyChangeView } from '../view/view.js'

/** Replacements of one policy that are kept. */
const MAX_CHANGES = 20
/** Lines of one replacement that are kept. */
const MAX_LINES = 80

interface Known {
  version: number
  lines: ReadonlySet<string>
  changes: readonly PolicyChangeView[]
}

/** What each replacement of a policy changed, line by line. */
export class PolicyHistory {
  readonly #known = new WeakMap<Policy, Known>()

  /** Remembers what is in force, to compare the next version with. Costs nothing the second time. */
  see(policy: Policy): void {
    if (this.#known.has(policy)) return
    const { version } = policy.status()
    this.#known.set(policy, { version, lines: linesOf(policy), changes: [] })
  }

  replaced(policy: Policy): void {
    const known = this.#known.get(policy)
    if (known === undefined) {
      this.see(policy)
      return
    }
    const { version, since } = policy.status()
    const lines = linesOf(policy)
    const removed = [...known.lines].filter((line) => !lines.has(line))
    const added = [...lines].filter((line) => !known.lines.has(line))
    const change = { version, at: since, ...bounded(removed, added) }
    known.changes = [change, ...known.changes].slice(0, MAX_CHANGES)
    known.version = version
    known.lines = lines
  }

  /** Newest first. */
  of(policy: Policy): readonly PolicyChangeView[] {
    return this.#known.get(policy)?.changes ?? []
  }
}

function linesOf(policy: Policy): ReadonlySet<string> {
  return new Set(policyLines(policy.current))
}

/** Half of the room for each, and what one leaves for the other. */
function bounded(removed: readonly string[], added: readonly string[]) {
  const half = MAX_LINES / 2
  const room = Math.max(half, MAX_LINES - added.length)
  const gone = removed.slice(0, room)
  const come = added.slice(0, MAX_LINES - gone.length)
  const omitted = removed.length + added.length - gone.length - come.length
  return { removed: gone, added: come, omitted }
}
