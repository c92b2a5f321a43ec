import { MessageChannel } from 'node:worker_threads'
import type { Place } from './cells.js'

type Answer = () => void

/** Answers callbacks at one place, and counts how many it answered. */
export interface Answering {
  readonly count: number
  later(answer: Answer): void
  close(): void
}

export function answeringAt(place: Place): Answering {
  switch (place) {
    case 'the same tick':
      return new Counted((answer) => answer())
    case 'a timer':
      return new Counted((answer) => setTimeout(answer, Math.random() * 8))
    case 'a batch of another connection':
      return new Counted(batching())
    case 'a MessagePort':
      return overPort()
  }
}

class Counted implements Answering {
  count = 0
  readonly #answer: (answer: Answer) => void
  readonly close: () => void

  constructor(answer: (answer: Answer) => void, close: () => void = () => {}) {
    this.#answer = answer
    this.close = close
  }

  later(answer: Answer): void {
    this.count++
    this.#answer(answer)
  }
}

/** As a store does that writes several at once: whoever comes third answers all three, last first. */
function batching(): (answer: Answer) => void {
  const waiting: Answer[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    for (const answer of waiting.splice(0).reverse()) answer()
  }
  return (answer) => {
    waiting.push(answer)
    if (waiting.length === 3) flush()
    else timer ??= setTimeout(flush, 10)
  }
}

/** As a worker or the primary of a cluster does: the answers come in the context of the port. */
function overPort(): Answering {
  const { port1, port2 } = new MessageChannel()
  const waiting = new Map<number, Answer>()
  let last = 0
  port2.on('message', (id: number) => port2.postMessage(id))
  port1.on('message', (id: number) => {
    const answer = waiting.get(id)
    waiting.delete(id)
    answer?.()
  })
  return new Counted(
    (answer) => {
      waiting.set(++last, answer)
      port1.postMessage(last)
    },
    () => port1.close(),
  )
}
