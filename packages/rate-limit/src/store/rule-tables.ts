import type { Rule } from '../decide/rule.js'
import { KeyTable } from './key-table.js'
import type { Room } from './room.js'

/** Maximum number of windows of one limit that are counted at the same time. */
const MOST_WINDOWS = 100

/**
 * The tables of a store, by rule. The application decides how many limits with one window there
 * are, and these are never forgotten.
 *
 * A limit whose `window` is a function has a table for each length that the function returns, and it
 * may return what a client sent: then the length that was used least recently gives way to the next,
 * within that limit only. It gives nothing to an attacker that a new length would not.
 */
export class RuleTables {
  readonly #room: Room
  readonly #tables = new Map<string, KeyTable>()
  /** By limit, then by rule, the least recently used first. */
  readonly #windows = new Map<string, Map<string, KeyTable>>()

  constructor(room: Room) {
    this.#room = room
  }

  of(rule: Rule): KeyTable {
    return rule.windowOf === undefined ? this.#only(rule) : this.#window(rule, rule.windowOf)
  }

  #only(rule: Rule): KeyTable {
    const name = nameIn(this.#tables, rule)
    const known = this.#tables.get(name)
    if (known !== undefined) return known
    const made = new KeyTable(rule, this.#room)
    this.#tables.set(name, made)
    return made
  }

  #window(rule: Rule, limit: string): KeyTable {
    const windows = this.#windows.get(limit) ?? new Map<string, KeyTable>()
    this.#windows.set(limit, windows)
    const name = nameIn(windows, rule)
    const table = windows.get(name) ?? new KeyTable(rule, this.#room)
    windows.delete(name)
    windows.set(name, table)
    if (windows.size > MOST_WINDOWS) forgetFirst(windows)
    return table
  }
}

/**
 * Workers under one primary may be of several applications, or of two versions of one, and have
 * given one name to rules that do not count in the same numbers.
 */
function nameIn(tables: ReadonlyMap<string, KeyTable>, rule: Rule): string {
  const { name, algorithm, window, ban } = rule
  const first = tables.get(name)
  if (first?.fits(rule) === true) return name
  const own = `${name}\n${algorithm} ${window} ${ban === undefined ? '' : 'ban'}`
  // The first may have been forgotten since.
  return first === undefined && !tables.has(own) ? name : own
}

function forgetFirst(windows: Map<string, KeyTable>): void {
  for (const [name, table] of windows) {
    table.clear()
    windows.delete(name)
    return
  }
}
