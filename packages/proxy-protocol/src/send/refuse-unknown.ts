import { reportUnknown } from '@truehop/options'

/**
 * A misspelt option must not silently become its default.
 *
 * @throws {TypeError} with the option to write instead.
 */
export function refuseUnknown(options: object, known: readonly string[]): void {
  reportUnknown({ ...options }, known, '', ({ path, message }) => {
    throw new TypeError(`${path}: ${message}`)
  })
}
