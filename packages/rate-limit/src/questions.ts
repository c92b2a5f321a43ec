import { isDivided, type Keyspace } from './keyspace.js'

/** What is asked about one key. */
export interface Question {
  readonly key: string
  readonly cost: number
}

/** How questions go to Redis, and what its answers mean. */
export interface Asking<Answer> {
  run(questions: readonly Question[]): Promise<unknown>
  /** `consumed` is a number, its text, or null; `msLeft` a number or its text. Throws for others. */
  read(consumed: unknown, msLeft: unknown): Answer
}

interface Waiting<Answer> extends Question {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Keys of one script at most. More at once keep the server from all others, and from starting early. */
const TOGETHER = 32

/**
 * Questions of one kind to Redis. Those of one turn of the event loop go there together where all
 * keys lie in one place, else each for itself. The reply has two values for each: what is
 * consumed, and the milliseconds to the end.
 */
export class Questions<Answer> {
  readonly #keyspace: Keyspace
  readonly #asking: Asking<Answer>
  #waiting: Waiting<Answer>[] = []

  constructor(keyspace: Keyspace, asking: Asking<Answer>) {
    this.#keyspace = keyspace
    this.#asking = asking
  }

  ask(key: string, cost: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const question: Waiting<Answer> = { key, cost, resolve, reject }
      if (!this.#keyspace.isOne) void this.#send([question])
      else if (this.#waiting.push(question) === 1) setImmediate(this.#sendAll)
      else if (this.#waiting.length === TOGETHER) this.#sendAll()
    })
  }

  #sendAll = (): void => {
    const questions = this.#waiting
    this.#waiting = []
    if (questions.length > 0) void this.#send(questions)
  }

  async #send(questions: readonly Waiting<Answer>[]): Promise<void> {
    try {
      const reply = await this.#asking.run(questions)
      if (!Array.isArray(reply)) throw new TypeError(`Redis answered ${String(reply)}`)
      for (let i = 0; i < questions.length; i++) {
        this.#answer(questions[i], reply[2 * i], reply[2 * i + 1])
      }
    } catch (error) {
      if (questions.length > 1 && isDivided(error)) this.#divide(questions)
      else for (const question of questions) question.reject(error)
    }
  }

  /** Each key for itself: what Redis says against one of them is nothing against the others. */
  #answer(question: Waiting<Answer> | undefined, consumed: unknown, msLeft: unknown): void {
    try {
      question?.resolve(this.#asking.read(consumed, msLeft))
    } catch (error) {
      question?.reject(error)
    }
  }

  /** Nothing was counted: a server looks at the keys before it runs a script. */
  #divide(questions: readonly Waiting<Answer>[]): void {
    this.#keyspace.divide()
    for (const question of questions) void this.#send([question])
  }
}
