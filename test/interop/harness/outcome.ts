import { NOBODY } from './headers.js'
import type { Receiver } from './peer.js'
import type { Came } from './ways.js'

/**
 * What those answer that serve nobody: HTTP's 4xx and 5xx, the goodbye of a mail server, and the reply
 * of one that greets and takes no command.
 */
const REFUSAL = /^(?:HTTP\/1\.\d [45]|4\d\d[ -]|5\d\d[ -]|220 [^\n]*\n503 )/

/** What a receiver made of one connection: an address, `self`, `refused`, or `silent`. */
export async function outcomeOf(receiver: Receiver, came: Came): Promise<string> {
  if (came === undefined) return 'silent'
  if (came === '' || REFUSAL.test(came)) return 'refused'
  const named = await receiver.named({ text: came })
  return named === '127.0.0.1' ? 'self' : (named ?? NOBODY)
}
