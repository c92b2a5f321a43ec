import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Key } from '../../src/limits/key.js'
import { readAnswer, readAsk, sentAnswer, sentAsk } from '../../src/store/cluster-messages.js'
import type { Act, Answer, Line } from '../../src/store/store.js'
import { ruleOf } from '../lines.js'

const RULES = [
  ruleOf('sliding-window', 60_000),
  ruleOf('token-bucket', 1000, { name: 'bucket', refunds: true }),
  ruleOf('fixed-window', 5, { ban: { after: 2, length: 10, backOff: 1.5, longest: 30 } }),
]
const amount = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e12, noNaN: true }))
const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.constantFrom<Act>({ do: 'take' }, { do: 'peek' }, { do: 'charge' }, { do: 'reset' }),
  amount.map((since): Act => ({ do: 'refund', since })),
  amount.map((length): Act => ({ do: 'ban', length })),
)
const line: fc.Arbitrary<Line> = fc
  .record({
    rule: fc.constantFrom(...RULES),
    capacity: amount,
    limit: amount,
    cost: amount,
    shadow: fc.boolean(),
    words: fc.tuple(fc.constantFrom(0, 4, 6), word, word, word, word),
    crowd: fc.integer({ min: -1, max: 0x1_ffff_ffff }),
  })
  .map(({ words: [kind, ...words], crowd, ...rest }) => ({
    ...rest,
    key: Key.ofWords(kind, words, crowd, ''),
  }))
const answer: fc.Arbitrary<Answer> = fc.record({
  done: fc.boolean(),
  at: amount,
  counts: fc.array(fc.record({ used: amount, wait: amount, rest: amount, banned: amount })),
  banned: fc.array(fc.nat(20), { maxLength: 3 }),
})

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value))

test('a primary of node:cluster is asked what its worker asks', () => {
  fc.assert(
    fc.property(act, fc.array(line, { maxLength: 4 }), (asked, lines) => {
      const sent = sentAsk(asked, lines, (rule) => RULES.indexOf(rule))
      const read = readAsk(throughJson(sent), throughJson(RULES))
      expect(read).toEqual({ act: asked, lines })
    }),
  )
})

test('a worker of node:cluster hears what its primary answers', () => {
  fc.assert(
    fc.property(answer, (given) => {
      expect(readAnswer(throughJson(sentAnswer(given)))).toEqual(given)
    }),
  )
})
