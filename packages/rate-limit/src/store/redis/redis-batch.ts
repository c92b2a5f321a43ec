import type { AlgorithmName, Count, Rule } from '../../decide/rule.js'
import { numbersOfAct } from '../act-numbers.js'
import type { Act, Answer, Line } from '../store.js'

const ALGORITHMS: Readonly<Record<AlgorithmName, number>> = {
  'sliding-window': 0,
  'token-bucket': 1,
  'fixed-window': 2,
}
const REFUSED = -1
const NONE: readonly number[] = []

interface Question {
  readonly lines: readonly Line[]
  readonly answer: (answer: Answer) => void
  readonly fail: (error: unknown) => void
}

/** Takes that differ in nothing but their keys: most of what is asked. */
interface Form {
  readonly lines: readonly Line[]
  /** Of each take, one after the other. */
  readonly keys: number[]
  readonly questions: Question[]
}

/** Acts that travel in one call of the script: see `SCRIPT` for the form. */
export class RedisBatch {
  readonly keys: string[] = []
  readonly #places = new Map<string, number>()
  readonly #rules = new Map<Rule, number>()
  readonly #forms: Form[] = []
  readonly #acts: unknown[] = []
  readonly #questions: Question[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** `nameOf`: the key of a line in the store. */
  add(act: Act, lines: readonly Line[], nameOf: (line: Line) => string): Promise<Answer> {
    this.#size++
    return new Promise((answer, fail) => {
      const question = { lines, answer, fail }
      const [only] = lines
      if (act.do === 'take' && only !== undefined && lines.length === 1 && isPlain(only)) {
        this.#addTake(question, [this.#placeOf(nameOf(only))])
        return
      }
      const keys = lines.map((line) => this.#placeOf(nameOf(line)))
      if (act.do === 'take' && lines.every(isPlain) && areDistinct(keys)) {
        this.#addTake(question, keys)
      } else {
        const numbers = lines.map((line, i) => this.#numbersOf(line, keys[i]))
        this.#acts.push([...numbersOfAct(act), numbers])
        this.#questions.push(question)
      }
    })
  }

  /** The argument of the script. */
  get argument(): string {
    const forms = this.#forms.map(({ lines, keys, questions }) => [
      lines.map(({ rule, capacity, limit, cost }) => [this.#ruleOf(rule), capacity, limit, cost]),
      questions.length,
      oneBefore(keys) ?? keys,
    ])
    const rules = [...this.#rules.keys()].map(ruleNumbers)
    return JSON.stringify({ r: rules, p: forms, a: this.#acts })
  }

  /** Gives every question its part of the reply. */
  resolve(reply: unknown): void {
    if (!Array.isArray(reply)) throw new Error('the script did not return an array')
    const answers = new Answers(reply)
    for (const { lines, questions } of this.#forms) {
      for (const { answer } of questions) answer(answers.ofTake(lines))
    }
    for (const { lines, answer } of this.#questions) answer(answers.ofAct(lines.length))
  }

  reject(error: unknown): void {
    for (const { questions } of this.#forms) for (const { fail } of questions) fail(error)
    for (const { fail } of this.#questions) fail(error)
  }

  #addTake(question: Question, keys: readonly number[]): void {
    const form = this.#formOf(question.lines)
    for (const key of keys) form.keys.push(key)
    form.questions.push(question)
  }

  #formOf(lines: readonly Line[]): Form {
    for (const form of this.#forms) if (areAlike(form.lines, lines)) return form
    const form = { lines, keys: [], questions: [] }
    this.#forms.push(form)
    return form
  }

  #numbersOf({ rule, capacity, limit, cost, shadow }: Line, key = 0): number[] {
    return [this.#ruleOf(rule), key, capacity, limit, cost, shadow ? 1 : 0]
  }

  #placeOf(name: string): number {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    this.#places.set(name, this.keys.push(name))
    return this.keys.length
  }

  #ruleOf(rule: Rule): number {
    const known = this.#rules.get(rule)
    if (known !== undefined) return known
    this.#rules.set(rule, this.#rules.size + 1)
    return this.#rules.size
  }
}

/** The numbers of a reply, one after the other. */
class Answers {
  readonly #numbers: readonly unknown[]
  /** Milliseconds of the server's clock. */
  readonly #now: number
  #at = 1

  constructor(numbers: readonly unknown[]) {
    this.#numbers = numbers
    this.#now = Number(numbers[0]) / 1000
  }

  ofTake(lines: readonly Line[]): Answer {
    if (Number(this.#numbers[this.#at]) === REFUSED) {
      this.#at++
      return this.#answer(false, lines.length)
    }
    const counts: Count[] = []
    for (const { rule } of lines) {
      const used = this.#next()
      // A unit of a sliding window that was used just now comes back a window from now.
      const rest = rule.algorithm === 'sliding-window' ? rule.window : this.#next()
      counts.push({ used, wait: 0, rest, banned: 0 })
    }
    return { done: true, at: this.#now, counts, banned: NONE }
  }

  ofAct(lines: number): Answer {
    return this.#answer(this.#next() === 1, lines)
  }

  #answer(done: boolean, lines: number): Answer {
    const counts: Count[] = []
    const began: number[] = []
    for (let i = 0; i < lines; i++) {
      const [used, wait, rest] = [this.#next(), this.#next(), this.#next()]
      counts.push({ used, wait, rest, banned: this.#next() })
      if (this.#next() === 1) began.push(i)
    }
    return { done, at: this.#now, counts, banned: began }
  }

  /** Some clients can be set to return integers as text. Anything else is a failure of the store. */
  #next(): number {
    const number = Number(this.#numbers[this.#at++])
    if (Number.isNaN(number)) throw new Error('the script did not return enough numbers')
    return number
  }
}

function areAlike(some: readonly Line[], others: readonly Line[]): boolean {
  if (some.length !== others.length) return false
  for (let i = 0; i < some.length; i++) {
    const [line, other] = [some[i], others[i]]
    if (line?.rule !== other?.rule || line?.limit !== other?.limit) return false
    if (line?.capacity !== other?.capacity || line?.cost !== other?.cost) return false
  }
  return true
}

/** The number before these, if they follow each other; a list of one is as short as that. */
function oneBefore(numbers: readonly number[]): number | undefined {
  const before = (numbers[0] ?? 0) - 1
  for (let i = 0; i < numbers.length; i++) if (numbers[i] !== before + i + 1) return undefined
  return before
}

/** A take of nothing may leave nothing in use, or what was used long ago: its rest has to be asked for. */
function isPlain({ shadow, cost }: Line): boolean {
  return !shadow && cost > 0
}

/** Two lines under one key have to see each other's units. */
function areDistinct(keys: readonly number[]): boolean {
  return keys.length === 1 || new Set(keys).size === keys.length
}

function ruleNumbers({ algorithm, window, ban }: Rule): number[] {
  const { after = 0, length = 0, backOff = 1, longest = 0 } = ban ?? {}
  return [ALGORITHMS[algorithm], window, after, length, backOff, longest]
}
