import cluster, { type Worker } from 'node:cluster'
import { RateLimitError } from '../limits/rate-limit-error.js'
import {
  type Answers,
  CHANNEL,
  isOurs,
  type Questions,
  readAsk,
  sentAnswer,
} from './cluster-messages.js'
import { MemoryStore } from './memory-store.js'

let isStarted = false

/**
 * Makes this process, the primary of node:cluster, count for its workers, whose limiters have
 * `store: 'cluster'`. Call it before the first `cluster.fork()`; further calls change nothing.
 * `maxKeys`, default 100000, is over all limits of all workers.
 *
 * @throws {RateLimitError} `bad-store` in a worker.
 */
export function startClusterStore({
  maxKeys = 100_000,
}: {
  readonly maxKeys?: number | undefined
} = {}): void {
  if (!cluster.isPrimary) {
    throw new RateLimitError(
      'bad-store',
      'startClusterStore',
      "must be called in the primary process, and this is a worker; give the limiters of the workers store: 'cluster'",
    )
  }
  if (isStarted) return
  isStarted = true
  const store = new MemoryStore(maxKeys)
  cluster.on('message', (worker, message: unknown) => {
    if (isOurs(message)) answer(store, worker, message as Questions)
  })
}

function answer(store: MemoryStore, worker: Worker, questions: Questions): void {
  const message: Answers = {
    channel: CHANNEL,
    id: questions.id,
    answers: answersTo(store, questions),
  }
  // A worker that ended meanwhile gets no answer.
  if (worker.isConnected()) worker.send(message, () => {})
}

/** None to what cannot be read: one worker must not end the primary, and with it all the others. */
function answersTo(store: MemoryStore, { rules, asks }: Questions): Answers['answers'] {
  try {
    return asks.map((ask) => {
      const { act, lines } = readAsk(ask, rules)
      return sentAnswer(store.ask(act, lines))
    })
  } catch {
    return []
  }
}
