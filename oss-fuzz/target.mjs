/**
 * A target of `test/fuzz` as Jazzer.js calls it: with bytes, once for each input. From what
 * `npm run fuzz:build` wrote.
 */
import { fileURLToPath } from 'node:url'

// The seeds of a target are files of the repository, read while its module loads.
process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { targets } = await import('../test/fuzz/dist/test/fuzz/targets.js')

/** @param {string} name */
export function target(name) {
  const found = targets.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no fuzz target is called ${name}`)
  /** @param {Uint8Array} data */
  return (data) => found.check(data)
}
