import { definePolicy } from '@truehop/identity'
import { InvalidArgumentError, Option } from 'commander'
import { messageOf } from './usage-error.js'

/** An option that names a platform. For a misspelt id the error says which one was probably meant. */
export function platformOption(flags: string, says: string, ids: readonly string[]): Option {
  return new Option(flags, says).choices(ids).argParser((text) => knownPlatform(text, ids))
}

/** @throws {InvalidArgumentError} in the words in which a policy would say it. */
export function knownPlatform(id: string, ids: readonly string[]): string {
  if (ids.includes(id)) return id
  try {
    definePolicy({ platform: id })
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error))
  }
  throw new InvalidArgumentError(`expected one of ${ids.join(', ')}`)
}
