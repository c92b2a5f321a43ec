// Feeds the parsers with inputs changed at random, and checks what must hold for any of them.
//
//   pnpm fuzz [target …] [--seconds 30] [--inputs 10000000] [--seed 123456] [--keep]
//
// Targets are decode, forwarded, addresses, policy, ranges and audit; all of them where none is named.
// Each ends at whichever limit comes first. A failure prints its seed and the input. `--keep` adds the
// inputs that showed something new to test/fuzz/corpus.

import './help.mjs'
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { corpusFile, corpusOf } from '../test/fuzz/dist/test/fuzz/corpus.js'
import { targets } from '../test/fuzz/dist/test/fuzz/targets.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '30' },
    inputs: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: `${randomInt(2 ** 31)}` },
    keep: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const inputs = Number(values.inputs)
const seed = Number(values.seed)
const chosen = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const known = positionals.every((name) => targets.some((target) => target.name === name))
if (!(seconds > 0 && inputs > 0 && Number.isInteger(seed) && known)) {
  const names = targets.map(({ name }) => name).join(', ')
  console.error('write --seconds and --inputs as numbers above 0, --seed as an integer,')
  console.error(`and targets out of ${names}`)
  process.exit(2)
}

/** Kept inputs of one target, at most: a corpus is there to be read. */
const MAX_KEPT = 120

for (const target of chosen) {
  console.log(`${target.name}, seed ${seed}`)
  try {
    report(target.name, await target.run({ seed, inputs, seconds }))
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  }
}

function report(name, { inputs: done, seconds: took, kinds, found }) {
  const count = done.toLocaleString('en')
  const rate = Math.round(done / took).toLocaleString('en')
  console.log(`${count} inputs in ${took.toFixed(1)} s, ${rate} a second, no failure`)
  const most = [...kinds].sort(([, a], [, b]) => b - a)
  for (const [kind, times] of most.slice(0, 12)) {
    console.log(`  ${times.toLocaleString('en').padStart(12)}  ${kind}`)
  }
  console.log(`  ${kinds.size} kinds of outcome\n`)
  if (!values.keep) return
  const kept = [...new Set([...corpusOf(name), ...found])].slice(0, MAX_KEPT)
  writeFileSync(corpusFile(name), `${JSON.stringify(kept, null, 1)}\n`)
}
