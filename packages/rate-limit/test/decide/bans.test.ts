import { expect, test } from 'vitest'
import { banFor, bannedFor, banSize, noteRefusal } from '../../src/decide/ban.js'
import type { Rule } from '../../src/decide/rule.js'

const rule: Rule = {
  name: 'login',
  algorithm: 'fixed-window',
  window: 1000,
  refunds: false,
  ban: { after: 1, length: 100, backOff: 2, longest: 10_000 },
}

/** Milliseconds for which the next refusal bans a key that was banned once, at 0, for 100. */
function nextBan(atTime: number, byHandAt?: number): number {
  const numbers = new Float64Array(banSize(rule))
  noteRefusal(numbers, 0, 0, rule)
  if (byHandAt !== undefined) banFor(numbers, 0, byHandAt, 500, rule)
  noteRefusal(numbers, 0, atTime, rule)
  return bannedFor(numbers, 0, atTime)
}

// A ban is remembered for a window after its end: here until 1,100.
test.each([
  ['doubles while the last one is remembered', 1099, undefined, 200],
  ['begins anew once it is forgotten', 1100, undefined, 100],
  ['doubles after a ban by hand that came in time', 2000, 1000, 200],
  ['begins anew after a ban by hand that came later', 2000, 1100, 100],
])('a ban %s', (_what, atTime, byHandAt, length) => {
  expect(nextBan(atTime, byHandAt)).toBe(length)
})
