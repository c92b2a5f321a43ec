import type { Count, Rule } from '../decide/rule.js'
import { Key } from '../limits/key.js'
import { actOfNumbers, numbersOfAct } from './act-numbers.js'
import type { Act, Answer, Line } from './store.js'

/** What workers and primary of node:cluster send each other. */
export const CHANNEL = 'truehop.rate-limit/2'

/**
 * What one turn of a worker's event loop asks; an empty list asks whether a primary counts. The two
 * write and read these as JSON for every request, which takes several times as long for objects as
 * for numbers in a row.
 */
export interface Questions {
  readonly channel: typeof CHANNEL
  readonly id: number
  readonly rules: readonly Rule[]
  /** The two numbers of the act, and `LINE_NUMBERS` for each line. */
  readonly asks: readonly (readonly number[])[]
}

export interface Answers {
  readonly channel: typeof CHANNEL
  readonly id: number
  /** 1 if it was done, its time, the number of lines, `COUNT_NUMBERS` for each, lines with a ban. */
  readonly answers: readonly (readonly number[])[]
}

export function isOurs(message: unknown): message is { readonly channel: typeof CHANNEL } {
  return (
    typeof message === 'object' &&
    message !== null &&
    'channel' in message &&
    message.channel === CHANNEL
  )
}

/** Rule by its place among the rules, capacity, limit, cost, shadow, and the six of the key. */
const LINE_NUMBERS = 11
const COUNT_NUMBERS = 4
/** `done`, `at` and the number of lines. */
const ANSWER_HEAD = 3

/** `placeOf` gives a rule its place in the message. */
export function sentAsk(
  act: Act,
  lines: readonly Line[],
  placeOf: (rule: Rule) => number,
): number[] {
  const sent = [...numbersOfAct(act)]
  for (const { rule, capacity, limit, cost, shadow, key } of lines) {
    const { kind, w0, w1, w2, w3, crowd } = key
    sent.push(placeOf(rule), capacity, limit, cost, shadow ? 1 : 0, kind, w0, w1, w2, w3, crowd)
  }
  return sent
}

export function readAsk(
  sent: readonly number[],
  rules: readonly Rule[],
): { readonly act: Act; readonly lines: readonly Line[] } {
  const [which = 0, operand = 0] = sent
  const lines: Line[] = []
  for (let at = 2; at < sent.length; at += LINE_NUMBERS) {
    const numberAt = (i: number) => sent[at + i] ?? 0
    const rule = rules[numberAt(0)]
    if (rule === undefined) throw new RangeError('a line of a rule that was not sent')
    const words = [numberAt(6), numberAt(7), numberAt(8), numberAt(9)]
    const key = Key.ofWords(numberAt(5), words, numberAt(10), '')
    const [capacity, limit, cost] = [numberAt(1), numberAt(2), numberAt(3)]
    lines.push({ rule, capacity, limit, cost, shadow: numberAt(4) === 1, key })
  }
  return { act: actOfNumbers(which, operand), lines }
}

/** Of a store of this process, which says of every line where its key stands. */
export function sentAnswer({ done, at, counts, banned }: Answer): number[] {
  const sent = [done ? 1 : 0, at, counts.length]
  for (const count of counts) {
    sent.push(count?.used ?? 0, count?.wait ?? 0, count?.rest ?? 0, count?.banned ?? 0)
  }
  sent.push(...banned)
  return sent
}

/**
 * The answers in a message to a worker; undefined if it is not one of ours: other code of the
 * primary may send what it likes.
 */
export function answersIn(message: unknown): Answers | undefined {
  if (!isOurs(message) || !('id' in message) || !('answers' in message)) return undefined
  const { channel, id, answers } = message
  if (!Number.isSafeInteger(id) || typeof id !== 'number') return undefined
  return Array.isArray(answers) && answers.every(areNumbers) ? { channel, id, answers } : undefined
}

function areNumbers(values: unknown): values is readonly number[] {
  // Not every(), which skips holes.
  return Array.isArray(values) && Array.from(values).every(Number.isFinite)
}

/** Undefined for what answers no question about so many lines. */
export function readAnswer(sent: readonly number[], asked: number): Answer | undefined {
  const [done = 0, at = 0, lines = 0] = sent
  if (lines !== asked || sent.length < ANSWER_HEAD + lines * COUNT_NUMBERS) return undefined
  const counts: Count[] = []
  const end = ANSWER_HEAD + lines * COUNT_NUMBERS
  for (let i = ANSWER_HEAD; i < end; i += COUNT_NUMBERS) {
    const [used, wait, rest, banned] = [
      sent[i] ?? 0,
      sent[i + 1] ?? 0,
      sent[i + 2] ?? 0,
      sent[i + 3] ?? 0,
    ]
    counts.push({ used, wait, rest, banned })
  }
  return { done: done === 1, at, counts, banned: sent.slice(end) }
}
