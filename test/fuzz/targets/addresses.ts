import assert from 'node:assert/strict'
import { type Prefix, PrefixError, PrefixSet, parseAddress, parsePrefix } from '@truehop/ip'
import {
  type SlowPrefix,
  slowContains,
  slowParse,
  slowSearch,
  slowText,
} from '../../../packages/ip/test/slow-address.js'
import { corpusOf } from '../corpus.js'
import { mutateText } from '../mutate-text.js'
import { pick, type Random } from '../random.js'
import type { Target } from '../target.js'
import { bytesOf, textOf } from '../text-of.js'

const WORDS = [
  '.',
  ':',
  '::',
  '/',
  '%',
  '0',
  '00',
  '1',
  '255',
  '256',
  'ffff',
  '::ffff:',
  '[',
  ']',
].concat(' ', '\t', '0x', '/8', '/32', '/33', '/96', '/128', '/129', '/08', 'a', 'G', '٣', '\0')

const SEEDS = ['192.0.2.1', '0.0.0.0', '255.255.255.255', '2001:db8::1', '::', '::ffff:192.0.2.1']
  .concat('fe80::1%eth0', '1:2:3:4:5:6:7:8', '1::8', '64:ff9b::192.0.2.1', '10.0.0.0/8')
  .concat('2001:db8::/32', '::ffff:10.0.0.0/104', '10.0.0.1/8', '::/0', '0.0.0.0/0')

/** An entry read slowly; undefined where it is no prefix. */
function slowEntry(entry: string): SlowPrefix | undefined {
  const found = /^([^%/]*)(?:\/(0|[1-9]\d{0,2}))?$/s.exec(entry)
  const [, text = '', written] = found ?? []
  const address = found === null ? undefined : slowParse(text)
  if (address === undefined) return undefined
  const bits = text.includes(':') ? 128 : 32
  const length = Number(written ?? bits) - (address.family === 4 && bits === 128 ? 96 : 0)
  const fits = Number(written ?? bits) <= bits && length >= 0
  return fits ? { ...address, length } : undefined
}

function readPrefix(text: string): Prefix | undefined {
  try {
    return parsePrefix(text)
  } catch (error) {
    assert(error instanceof PrefixError, 'another error than PrefixError')
    assert(error.message.length < 1000, 'a message as long as the entry')
    return undefined
  }
}

/** Address text and prefixes against the plain reference. */
export const addresses: Target<string> = {
  name: 'addresses',
  seeds: [...SEEDS, ...corpusOf('addresses')],
  mutate: (random, seeds) => mutateText(random, seeds, WORDS),
  fromBytes: textOf,
  toBytes: bytesOf,
  toText: (input) => input,
  check(text, random) {
    const [address, slow] = [parseAddress(text), slowParse(text)]
    assert.equal(address?.text, slow === undefined ? undefined : slowText(slow))
    const [prefix, slowPrefix] = [readPrefix(text), slowEntry(text)]
    assert.equal(prefix?.length, slowPrefix?.length, 'another length than the reference')
    if (prefix !== undefined && slowPrefix !== undefined) {
      assert.equal(prefix.family, slowPrefix.family)
      if (random(8) === 0) checkSet(text, prefix, slowPrefix, random)
    }
    return `${address?.family ?? 'no address'}, ${prefix?.length ?? 'no prefix'}${prefix?.warning === undefined ? '' : ' with bits beyond'}`
  },
}

function checkSet(entry: string, prefix: Prefix, slow: SlowPrefix, random: Random): void {
  const entries = [entry, pick(random, SEEDS.slice(10)), pick(random, SEEDS.slice(10))]
  const set = PrefixSet.from(entries)
  const search = slowSearch(entries)
  for (const asked of [prefix.address.text, '10.0.0.5', '10.255.0.1', '2001:db8::9', '::5']) {
    assert.equal(set.match(asked)?.entry, search(asked))
    const [address, slowAddress] = [parseAddress(asked), slowParse(asked)]
    assert(address !== undefined && slowAddress !== undefined)
    assert.equal(prefix.contains(address), slowContains(slow, slowAddress))
  }
}
