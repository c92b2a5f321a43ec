import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Key } from '../../src/limits/key.js'
import {
  answersIn,
  CHANNEL,
  readAnswer,
  readAsk,
  sentAnswer,
  sentAsk,
} from '../../src/store/cluster-messages.js'
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
      const message = { channel: CHANNEL, id: 7, answers: [sentAnswer(given)] }
      const [sent = []] = answersIn(throughJson(message))?.answers ?? []
      expect(readAnswer(sent, given.counts.length)).toEqual(given)
    }),
  )
})

const CHANGED = {
  channel: fc.constantFrom<unknown>(CHANNEL, 'truehop.rate-limit/1', {}, null),
  id: fc.oneof(fc.nat(9), fc.anything()),
  answers: fc.oneof(fc.array(fc.oneof(fc.array(fc.integer()), fc.anything())), fc.anything()),
}

test('a worker of node:cluster hears numbers or nothing, whatever its primary sends', () => {
  const message = fc.oneof(fc.anything(), fc.record(CHANGED, { requiredKeys: [] }))
  fc.assert(
    fc.property(message, fc.nat(3), (sent, lines) => {
      for (const numbers of answersIn(sent)?.answers ?? []) {
        const read = readAnswer(numbers, lines)
        if (read === undefined) continue
        expect(read.counts).toHaveLength(lines)
        const counts = read.counts.flatMap((count) => Object.values(count ?? {}))
        expect([read.at, ...counts, ...read.banned].every(Number.isFinite)).toBe(true)
      }
    }),
  )
})

test.each<[string, unknown]>([
  ['no answers', { channel: CHANNEL, id: 1 }],
  ['answers that are no list', { channel: CHANNEL, id: 1, answers: { length: 1 } }],
  ['an answer that is no list', { channel: CHANNEL, id: 1, answers: [null] }],
  ['text in place of a number', { channel: CHANNEL, id: 1, answers: [[1, '0', 0]] }],
  ['a hole', { channel: CHANNEL, id: 1, answers: [new Array(3)] }],
  ['NaN', { channel: CHANNEL, id: 1, answers: [[1, Number.NaN, 0]] }],
  ['an id that is no number', { channel: CHANNEL, id: '1', answers: [] }],
  ['another channel', { channel: 'other', id: 1, answers: [] }],
])('a message with %s is not taken for an answer', (_what, message) => {
  expect(answersIn(message)).toBeUndefined()
})

test('an answer about another number of lines than asked is none', () => {
  const one = sentAnswer({
    done: true,
    at: 1,
    counts: [{ used: 1, wait: 0, rest: 5, banned: 0 }],
    banned: [],
  })
  expect(readAnswer(one, 2)).toBeUndefined()
  expect(readAnswer(one.slice(0, -1), 1)).toBeUndefined()
  expect(readAnswer([1, 1, 1e9], 1e9)).toBeUndefined()
})
