import type { ClientIdentity, ConnectionRefusal } from '@truehop/identity'

/** A connection that the receiver of PROXY headers would not let through. */
export interface Refused {
  readonly status: 'refused'
  readonly reason: ConnectionRefusal['reason']
  readonly source: 'receiver'
  readonly rule: undefined
}

/** What a policy answers about a connection. */
export type Answer = ClientIdentity | Refused

/** How a walk ended, without the client it named, or that there was none. */
export interface Outcome {
  readonly status: Answer['status']
  readonly reason: string
  readonly source: string
  readonly rule: string | undefined
}

export function refusedFor({ reason }: ConnectionRefusal): Refused {
  return { status: 'refused', reason, source: 'receiver', rule: undefined }
}

export function outcomeOf({ status, reason, source, rule }: Answer): Outcome {
  return { status, reason, source, rule }
}

/** An answer in a word: the client's address, `undetermined` or `refused`. */
export function answerOf(answer: Answer): string {
  return answer.status === 'resolved' ? answer.ip : answer.status
}
