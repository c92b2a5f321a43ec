import { headerName } from '@truehop/identity/adapter'
import { UsageError } from '../program/usage-error.js'
import type { HopContract } from './hop-contract.js'

/** What is a word in every configuration language that is written here. */
const PLAIN = /^[a-z0-9_-]+$/

/**
 * A header may be named `x$y` or ``x`y`` (`token`, RFC 9110 section 5.6.2), which is a variable or
 * ends a text in the configuration of a hop: the hop would then clear another header than the one
 * that clients must not write, or do what the name says.
 *
 * @throws {UsageError} where such a name stands in what was written for a target.
 */
export function refuseOddNames(text: string, contract: HopContract, target: string): void {
  const names = [contract.asserts, ...contract.clear.map(({ name }) => name)]
  const odd = names.find((name) => !PLAIN.test(name) && text.includes(headerName(name)))
  if (odd === undefined) return
  throw new UsageError(
    `the header ${odd} cannot be written for ${target}: its name must be letters, digits, - and _; have the hop write a header of another name, and let the policy read that`,
  )
}
