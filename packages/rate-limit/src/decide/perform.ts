import type { Act, Answer, Line } from '../store/store.js'
import { algorithmOf } from './algorithms.js'
import { banFor } from './ban.js'
import type { Cell, Count } from './rule.js'
import { enter, giveBack, isAhead, isRefused, look, refuse, rewind } from './settle.js'

/** The cells of the lines of one act, by the line's index. */
export interface Cells {
  /** To look at. Zeros where the key was never used. */
  find(i: number): Cell
  /** To write into. */
  open(i: number): Cell
  forget(i: number): void
}

/** Performs an act on cells: everything that a store must get right, for stores that keep cells. */
export function perform(act: Act, lines: readonly Line[], cells: Cells, now: number): Answer {
  if (act.do === 'take') return take(lines, cells, now)
  const counts: Count[] = []
  for (const [i, line] of lines.entries()) {
    if (act.do === 'charge') enter(line, cells.open(i), now)
    else if (act.do === 'refund') giveBack(line, cells.open(i), now, act.since)
    else if (act.do === 'reset') cells.forget(i)
    else if (act.do === 'ban') ban(line, cells.open(i), now, act.length)
    counts.push(look(line, cells.find(i), now))
  }
  return { done: true, at: now, counts, banned: NONE }
}

const NONE: readonly number[] = []

/**
 *   look at all ── a line has no room ──> its refusal is counted (ban), nothing is taken
 *               └─ all have ───────────> all are taken; a shadow without room is left as it is
 */
function take(lines: readonly Line[], cells: Cells, now: number): Answer {
  const counts: Count[] = []
  let done = true
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]
    if (line === undefined) continue
    const count = look(line, cells.find(i), now)
    counts.push(count)
    if (isRefused(count) && !line.shadow) done = false
  }
  const banned: number[] = []
  for (let i = 0; i < lines.length; i++) {
    const [line, count] = [lines[i], counts[i]]
    if (line === undefined || count === undefined) continue
    const isFull = isRefused(count)
    if (isFull && isAhead(line, cells.find(i), now)) rewind(line, cells.open(i), now)
    if (done && !isFull) counts[i] = enter(line, cells.open(i), now)
    else if (isFull && line.rule.ban !== undefined) {
      const refused = refuse(line, cells.open(i), now, count)
      if (refused !== count) banned.push(i)
      counts[i] = refused
    }
  }
  return { done, at: now, counts, banned: banned.length === 0 ? NONE : banned }
}

function ban(line: Line, { numbers, at }: Cell, now: number, length: number): void {
  banFor(numbers, at + algorithmOf(line.rule.algorithm).size, now, length, line.rule)
}
