import type { ClientIdentity } from '@truehop/identity'

/** How a walk ended, without the client it named. */
export interface Outcome {
  readonly status: ClientIdentity['status']
  readonly reason: string
  readonly source: string
  readonly rule: string | undefined
}

export function outcomeOf({ status, reason, source, rule }: ClientIdentity): Outcome {
  return { status, reason, source, rule }
}

/** An identity in a word: its address, or `undetermined`. */
export function answerOf(identity: ClientIdentity): string {
  return identity.status === 'resolved' ? identity.ip : 'undetermined'
}
