// How the bytes of one connection are sent.

/** A generator of numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * A plan: where the bytes are cut (counted from the first byte of the header; negative ones lie in
 * it), how long the sender waits between two pieces, after how many bytes it stops, and how it ends:
 * `end` half-closes, `reset` resets, `leave` closes once nothing more comes.
 *
 * @typedef {{ cuts: number[], pause: number, stopAt: number, ending: string }} Plan
 * @type {Plan}
 */
const WHOLE = { cuts: [], pause: 0, stopAt: Number.POSITIVE_INFINITY, ending: 'leave' }

/** One cut, at each place. `length` is that of what comes behind a header of `headerLength` bytes. */
export function everySplit(headerLength, length, every) {
  const plans = [WHOLE, { ...WHOLE, ending: 'end' }]
  const last = Math.min(length, MOST)
  for (let at = -headerLength; at < last; at += every) {
    plans.push({ ...WHOLE, cuts: [at], pause: 4, ending: at % 2 === 0 ? 'leave' : 'end' })
  }
  return plans
}

/** Of long payloads only the beginning is cut everywhere. */
const MOST = 400

/** Several cuts, with and without pauses, half-closes and resets at any moment. */
export function randomPlan(random, length) {
  const reach = Math.min(length, MOST)
  const place = () => Math.floor(random() * (reach + HEADER_REACH)) - HEADER_REACH
  const cuts = Array.from({ length: Math.floor(random() * 5) }, place)
  const ending = ENDINGS[Math.floor(random() * ENDINGS.length)]
  const stopAt = random() < 0.6 ? Math.max(0, place()) : Number.POSITIVE_INFINITY
  return {
    cuts: [...new Set(cuts)].sort((a, b) => a - b),
    pause: random() < 0.5 ? 0 : 3,
    stopAt: ending === 'leave' ? Number.POSITIVE_INFINITY : stopAt,
    ending,
  }
}

const HEADER_REACH = 28
const ENDINGS = ['end', 'reset', 'leave']
