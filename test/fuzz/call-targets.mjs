/** Calls each target of `oss-fuzz` as Jazzer.js would, and prints how often by name. */
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { targets } from './dist/test/fuzz/targets.js'

/** Inputs of random bytes for each, beside those it begins with. */
const RANDOM = 200

const folder = new URL('../../oss-fuzz/targets/', import.meta.url)
/** @type {Record<string, number>} */
const calls = {}
for (const file of readdirSync(folder)) {
  const name = file.replace('.mjs', '')
  const { fuzz } = await import(new URL(file, folder).href)
  const seeds = targets.find((target) => target.name === name)?.seeds() ?? []
  const random = Array.from({ length: RANDOM }, (_, index) => randomBytes(index))
  for (const bytes of [...seeds, ...random]) await fuzz(bytes)
  calls[name] = seeds.length > 0 ? RANDOM : 0
}
console.log(JSON.stringify(calls))
