import { Key } from '../limits/key.js'
import type { Act, Answer, Line } from './store.js'

/** What workers and primary of node:cluster send each other. */
export const CHANNEL = 'truehop.rate-limit/1'

/** A line in the form of a message. */
type Sent = Omit<Line, 'key'> & {
  readonly key: readonly [
    kind: number,
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    crowd: number,
  ]
}

/** `asks` of one turn of a worker's event loop; an empty list asks whether a primary counts. */
export interface Questions {
  readonly channel: typeof CHANNEL
  readonly id: number
  readonly asks: readonly { readonly act: Act; readonly lines: readonly Sent[] }[]
}

export interface Answers {
  readonly channel: typeof CHANNEL
  readonly id: number
  readonly answers: readonly Answer[]
}

export function isOurs(message: unknown): message is { readonly channel: typeof CHANNEL } {
  return (
    typeof message === 'object' &&
    message !== null &&
    'channel' in message &&
    message.channel === CHANNEL
  )
}

export function sentLine({ rule, limit, capacity, cost, shadow, key }: Line): Sent {
  const { kind, w0, w1, w2, w3, crowd } = key
  return { rule, limit, capacity, cost, shadow, key: [kind, w0, w1, w2, w3, crowd] }
}

export function readLine({ key, ...rest }: Sent): Line {
  const [kind, w0, w1, w2, w3, crowd] = key
  return { ...rest, key: Key.ofWords(kind, [w0, w1, w2, w3], crowd, '') }
}
