import type { Act } from './store.js'

const ACTS = ['take', 'peek', 'charge', 'refund', 'reset', 'ban'] as const

/** An act as two numbers, for stores that ship it: which one, and its operand or 0. */
export function numbersOfAct(act: Act): readonly [which: number, operand: number] {
  if (act.do === 'refund') return [ACTS.indexOf(act.do), act.since]
  return [ACTS.indexOf(act.do), act.do === 'ban' ? act.length : 0]
}

export function actOfNumbers(which: number, operand: number): Act {
  const name = ACTS[which]
  if (name === undefined) throw new RangeError(`no act has the number ${which}`)
  if (name === 'refund') return { do: name, since: operand }
  return name === 'ban' ? { do: name, length: operand } : { do: name }
}
