// Writes new snapshots of the providers' lists into packages/identity/src/ranges/providers.ts.
//
//   node scripts/refresh-providers.mjs            asks every provider
//   node scripts/refresh-providers.mjs NAME=URL   asks another address, for a mirror or a test
//
// Every list is checked as a living list is before anything is written: one that is broken, or lost
// half of its prefixes, ends the run with an error and leaves the file as it was. Build first.
import { readFileSync, writeFileSync } from 'node:fs'
import { makeEdition, WIDEST } from '../packages/identity/dist/ranges/edition.js'
import { fetchList } from '../packages/identity/dist/ranges/fetch-list.js'
import { readRanges } from '../packages/identity/dist/ranges/formats.js'
import { providers } from '../packages/identity/dist/ranges/providers.js'
import { atOnce } from '../packages/ip/dist/index.js'

const FILE = process.env.TRUEHOP_PROVIDERS_FILE
  ? process.env.TRUEHOP_PROVIDERS_FILE
  : new URL('../packages/identity/src/ranges/providers.ts', import.meta.url)

const elsewhere = new Map(
  process.argv.slice(2).map((argument) => {
    const [name, ...url] = argument.split('=')
    return [name, url.join('=')]
  }),
)
const asked = elsewhere.size > 0 ? [...elsewhere.keys()] : Object.keys(providers)
const date = new Date().toISOString().slice(0, 10)

let text = readFileSync(FILE, 'utf8')
for (const name of asked) {
  const snapshot = providers[name]
  if (snapshot === undefined) throw new Error(`no provider is called ${name}`)
  const url = new URL(elsewhere.get(name) ?? snapshot.source)
  const entries = await currentEntries(url, snapshot)
  text = withSnapshot(text, name, entries)
  console.log(`${name}: ${entries.length} prefixes of ${date} from ${url.href}`)
}
writeFileSync(FILE, text)

async function currentEntries(url, { format, entries }) {
  const fetched = await fetchList(url, undefined, AbortSignal.timeout(30_000))
  const list = atOnce(readRanges(fetched.text, format, {}))
  const bounds = { minimum: 1, maximumShrink: 0.5, widest: WIDEST }
  const before = atOnce(makeEdition({ entries }, bounds, undefined, 0))
  atOnce(makeEdition(list, bounds, before, Date.now()))
  return list.entries
}

function withSnapshot(source, name, entries) {
  const block = new RegExp(
    `(\\n  ${name}: \\{[^}]*?date: ')[^']*(',\\n    entries: \\[)[^\\]]*(\\])`,
  )
  if (!block.test(source)) throw new Error(`${name} is not written as expected`)
  const lines = entries.map((entry) => `\n      '${entry}',`).join('')
  return source.replace(block, `$1${date}$2${lines}\n    $3`)
}
