import type { AlgorithmName, Count, Rule } from '../decide/rule.js'
import type { Act, Answer, Line } from './store.js'

const ALGORITHMS: Readonly<Record<AlgorithmName, number>> = {
  'sliding-window': 0,
  'token-bucket': 1,
  'fixed-window': 2,
}
const ACTS: Readonly<Record<Act['do'], number>> = {
  take: 0,
  peek: 1,
  charge: 2,
  refund: 3,
  reset: 4,
  ban: 5,
}
/** Numbers of the reply for an act, and for each of its lines. */
const HEAD = 2
const PER_LINE = 5

interface Question {
  readonly act: Act
  readonly lines: readonly Line[]
  readonly answer: (answer: Answer) => void
  readonly fail: (error: unknown) => void
}

/** Acts that travel in one call of the script: see `SCRIPT` for the form. */
export class RedisBatch {
  readonly keys: string[] = []
  readonly #places = new Map<string, number>()
  readonly #rules = new Map<Rule, number>()
  readonly #questions: Question[] = []

  get size(): number {
    return this.#questions.length
  }

  /** `names`: the key of each line in the store. */
  add(act: Act, lines: readonly Line[], names: readonly string[]): Promise<Answer> {
    for (const name of names) this.#placeOf(name)
    return new Promise((answer, fail) => {
      this.#questions.push({ act, lines, answer, fail })
      this.#acts.push([
        ACTS[act.do],
        operandOf(act),
        lines.map((line, i) => this.#line(line, names[i])),
      ])
    })
  }

  readonly #acts: unknown[] = []

  /** The argument of the script. */
  get argument(): string {
    return JSON.stringify({ r: [...this.#rules.keys()].map(ruleNumbers), a: this.#acts })
  }

  /** Hands every question its part of the reply. */
  resolve(reply: unknown): void {
    if (!Array.isArray(reply)) throw new Error('the script did not return an array')
    let at = 0
    for (const { lines, answer } of this.#questions) {
      answer(answerAt(reply, at, lines.length))
      at += HEAD + PER_LINE * lines.length
    }
  }

  reject(error: unknown): void {
    for (const { fail } of this.#questions) fail(error)
  }

  #line({ rule, capacity, limit, cost, shadow }: Line, name = ''): number[] {
    return [this.#ruleOf(rule), this.#placeOf(name), capacity, limit, cost, shadow ? 1 : 0]
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

function ruleNumbers({ algorithm, window, ban }: Rule): number[] {
  const { after = 0, length = 0, backOff = 1, longest = 0 } = ban ?? {}
  return [ALGORITHMS[algorithm], window, after, length, backOff, longest]
}

function operandOf(act: Act): number {
  if (act.do === 'refund') return act.since
  return act.do === 'ban' ? act.length : 0
}

function answerAt(reply: readonly unknown[], from: number, lines: number): Answer {
  const counts: Count[] = []
  const banned: number[] = []
  for (let i = 0; i < lines; i++) {
    const at = from + HEAD + PER_LINE * i
    const [used = 0, wait = 0, rest = 0, ban = 0, began = 0] = reply
      .slice(at, at + PER_LINE)
      .map(Number)
    counts.push({ used, wait, rest, banned: ban })
    if (began === 1) banned.push(i)
  }
  return { done: Number(reply[from]) === 1, at: Number(reply[from + 1]) / 1000, counts, banned }
}
