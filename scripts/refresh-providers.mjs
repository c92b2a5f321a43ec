// Writes new snapshots of the providers' lists into packages/identity/src/ranges/snapshots.
//
//   pnpm refresh                                  asks every provider that publishes a list
//   node scripts/refresh-providers.mjs NAME=URL   asks another address, for a mirror or a test
//
// Every list is checked as a live list is before anything is written: one that is broken, or lost
// half of its prefixes, ends the run with an error and leaves its file as it was. Build first.
import './help.mjs'
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { makeEdition, WIDEST, writtenList } from '../packages/identity/dist/ranges/edition.js'
import { fetchList } from '../packages/identity/dist/ranges/fetch-list.js'
import { readRanges } from '../packages/identity/dist/ranges/formats.js'
import { textOf } from '../packages/identity/dist/ranges/list-bytes.js'
import { providers } from '../packages/identity/dist/ranges/providers.js'
import { atOnce } from '../packages/ip/dist/internal.js'

const FOLDER = process.env.TRUEHOP_SNAPSHOTS
  ? pathToFileURL(`${process.env.TRUEHOP_SNAPSHOTS}/`)
  : new URL('../packages/identity/src/ranges/snapshots/', import.meta.url)

/** Published as a page or in an archive: looked up and written by hand. */
const BY_HAND = ['akamai', 'azure-front-door', 'google-front-ends']
const SELECT = { cloudfront: { service: ['CLOUDFRONT'] } }

const elsewhere = new Map(
  process.argv.slice(2).map((argument) => {
    const [name = '', ...url] = argument.split('=')
    return [name, url.join('=')]
  }),
)
const published = Object.keys(providers).filter((name) => !BY_HAND.includes(name))
const asked = elsewhere.size > 0 ? [...elsewhere.keys()] : published
const date = new Date().toISOString().slice(0, 10)

for (const name of asked) {
  const snapshot = providers[name]
  if (snapshot === undefined) throw new Error(`no provider is called ${name}`)
  const url = new URL(elsewhere.get(name) ?? snapshot.source)
  const entries = await currentEntries(url, name, snapshot)
  const file = new URL(`${name}.ts`, FOLDER)
  writeFileSync(file, withEntries(readFileSync(file, 'utf8'), entries))
  console.log(`${name}: ${entries.length} prefixes of ${date} from ${url.href}`)
}

async function currentEntries(url, name, { format, entries }) {
  const fetched = await fetchList(url, undefined, AbortSignal.timeout(30_000))
  if (fetched === undefined) throw new Error(`${url.href} has nothing new`)
  const read = []
  const list = (take) =>
    readRanges(textOf(fetched.bytes), format, SELECT[name] ?? {}, (entry) => {
      read.push(entry)
      take(entry)
    })
  const bounds = { minimum: 1, maximumShrink: 0.5, widest: WIDEST }
  const before = atOnce(makeEdition(writtenList(entries, ''), bounds, undefined, 0))
  atOnce(makeEdition(list, bounds, before, Date.now()))
  return read
}

function withEntries(source, entries) {
  const parts = /(\n {2}date: ')[^']*(',\n {2}entries: \[)[^\]]*(\])/
  if (!parts.test(source)) throw new Error('a snapshot is not written as expected')
  const lines = entries.map((entry) => `\n    '${entry}',`).join('')
  return source.replace(parts, `$1${date}$2${lines}\n  $3`)
}
