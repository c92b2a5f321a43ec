import { LogError } from '../../log-error.js'
import { KEY_BYTES, keyId } from './derivation.js'

const NO_FIRST_KEY =
  'must be 64 hexadecimal digits: the first key, as truehop audit key printed it, and not the key file of the service'

/**
 * K0 by id.
 *
 * @throws {LogError} for one that is not 64 hexadecimal digits.
 */
export function readKeys(keys: readonly string[]): ReadonlyMap<string, Buffer> {
  return new Map(
    keys.map((text, i) => {
      const key = Buffer.from(/^[\da-f]{64}$/.test(text) ? text : '', 'hex')
      if (key.length === KEY_BYTES) return [keyId(key), key]
      throw new LogError('bad-option', `keys[${i}]`, NO_FIRST_KEY)
    }),
  )
}
