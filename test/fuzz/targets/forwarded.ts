import assert from 'node:assert/strict'
import {
  ForwardedCursor,
  nthElementFromRight,
  SingleAddressCursor,
  XForwardedForCursor,
} from '@truehop/forwarded'
import { type SlowAddress, slowParse, slowText } from '../../../packages/ip/test/slow-address.js'
import { corpusOf } from '../corpus.js'
import { mutateText } from '../mutate-text.js'
import type { Target } from '../target.js'
import { bytesOf, textOf } from '../text-of.js'

type EntryCursor = ForwardedCursor | SingleAddressCursor | XForwardedForCursor

const WORDS = [',', ';', '=', '"', '\\', '\\"', ' ', '\t', 'for=', 'For="', 'host=', 'proto=https']
  .concat('192.0.2.1', '[2001:db8::1]', '"[2001:db8::1]:80"', ':80', ':_p', ':65536', ':', '_hid')
  .concat('unknown', '0.0.0.0', '[::]', '::ffff:10.0.0.1', 'by=_x', ', ', ',for=', '[', ']', '\x80')

const SEEDS = ['203.0.113.9, 10.1.0.4 , 10.0.0.7', '192.0.2.1:80, [2001:db8::1]:443', ',, ,']
  .concat('for=192.0.2.1;proto=https;by=_x, for="[2001:db8::1]:47"', 'for="a\\",b";host=c')
  .concat('224.0.0.1, 223.255.255.255, 255.255.255.255', 'for="[ff02::1]", for=239.0.0.1')
  .concat('for="open, for=192.0.2.1', 'for=unknown, for=_hidden', 'for="192.0.2.1:_p"')

const trim = (text: string) => text.replace(/^[ \t]+|[ \t]+$/g, '')

/** A node as text, or why there is none: one regular expression a form. */
function slowNode(text: string, isForwarded: boolean): string {
  const port = isForwarded ? '(?::(?<port>\\d{1,5}|_[A-Za-z0-9._-]+))?' : '(?::(?<port>\\d{1,5}))?'
  const bracketed = new RegExp(`^\\[(?<address>[^\\]]*:[^\\]]*)\\]${port}$`, 's').exec(text)
  const plain = new RegExp(`^(?<address>[^:[]*)${port}$`, 's').exec(text)
  const whole = isForwarded ? undefined : slowParse(text)
  const groups = (bracketed ?? plain)?.groups
  if (Number(groups?.['port']) > 65535) return 'unidentified-node'
  const address = whole ?? slowParse(groups?.['address'] ?? '')
  if (address === undefined) return 'unidentified-node'
  if (address.value === 0n) return 'unspecified-address'
  return isOneHost(address) ? slowText(address) : 'multicast-address'
}

/** Neither multicast, RFC 5771 and RFC 4291 section 2.7, nor the broadcast address of RFC 919. */
function isOneHost({ family, value }: SlowAddress): boolean {
  if (family === 6) return value >> 120n !== 0xffn
  return value >> 28n !== 0xen && value !== 0xffffffffn
}

function slowList(text: string): string[] {
  const elements = text.split(',').map(trim)
  return elements.filter((element) => element !== '').reverse()
}

/** From the right: a quote pairs with the nearest one to the left that is not escaped. */
function slowForwardedList(text: string): string[] {
  const elements: string[] = []
  let end = text.length
  for (let at = text.length - 1; at >= -1; at--) {
    if (at === -1 || text[at] === ',') {
      elements.push(trim(text.slice(at + 1, end)))
      end = at
    } else if (text[at] === '"') {
      for (let open = at - 1; open >= 0; open--) {
        const escapes = /\\*$/.exec(text.slice(0, open))?.[0].length ?? 0
        if (text[open] !== '"' || escapes % 2 === 1) continue
        at = open
        break
      }
    }
  }
  return elements.filter((element) => element !== '')
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
/** `qdtext` and what a `quoted-pair` may escape, RFC 9110 section 5.6.4; what is no octet as `obs-text`. */
const QDTEXT = '[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\uffff]'
const ESCAPED = '\\\\[\\t\\x20-\\x7e\\x80-\\uffff]'
const PAIR = `(${TOKEN})=(${TOKEN}|"(?:${QDTEXT}|${ESCAPED})*")`

function slowForwardedNode(element: string): string {
  const names = new Set<string>()
  let node: string | undefined
  let rest = element
  const next = new RegExp(`^[ \\t]*(?:${PAIR})?[ \\t]*(?:;|$)`, 's')
  while (rest !== '') {
    const found = next.exec(rest)
    if (found === null) return 'invalid-element'
    const [all, name, value = ''] = found
    const key = name?.toLowerCase()
    if (key !== undefined && names.has(key)) return 'invalid-element'
    if (key !== undefined) names.add(key)
    if (key === 'for') node = value.replace(/^"(.*)"$/s, '$1').replace(/\\(.)/gs, '$1')
    if (key === 'for' && !value.startsWith('"')) node = value
    rest = rest.slice(all.length)
  }
  return node === undefined ? 'unidentified-node' : slowNode(node, true)
}

function drain(cursor: EntryCursor): { readonly elements: string[]; readonly nodes: string[] } {
  const [elements, nodes]: [string[], string[]] = [[], []]
  while (cursor.hasUnread()) {
    const before = cursor.unread.length
    const { address, fault } = cursor.read()
    assert(cursor.unread.length < before, 'an entry that stays unread')
    elements.push(cursor.element)
    nodes.push(address?.text ?? fault ?? 'nothing')
  }
  return { elements, nodes }
}

/** The cursors over forwarding headers against lists split the plain way. */
export const forwarded: Target<string> = {
  name: 'forwarded',
  seeds: [...SEEDS, ...corpusOf('forwarded')],
  mutate: (random, seeds) => mutateText(random, seeds, WORDS).replaceAll('\0', ''),
  fromBytes: textOf,
  toBytes: bytesOf,
  toText: (input) => input,
  check(text, random) {
    const list = drain(new XForwardedForCursor(text))
    const slow = slowList(text)
    assert.deepEqual(list.elements, slow)
    assert.deepEqual(
      list.nodes,
      slow.map((element) => slowNode(element, false)),
    )
    const forwardedList = drain(new ForwardedCursor(text))
    const slowForwarded = slowForwardedList(text)
    assert.deepEqual(forwardedList.elements, slowForwarded)
    assert.deepEqual(forwardedList.nodes, slowForwarded.map(slowForwardedNode))
    const [single = 'absent'] = drain(new SingleAddressCursor(text)).nodes
    assert.equal(single, slowSingle(text))
    const n = 1 + random(4)
    const nth = slow[n - 1] ?? (slow.length === 1 ? slow[0] : undefined)
    assert.equal(nthElementFromRight(text, n), nth)
    const kindOf = (node: string) => (/^[a-z]+-[a-z-]+$/.test(node) ? node : 'address')
    return `${forwardedList.nodes.slice(0, 3).map(kindOf).join(' ')} | ${list.nodes.slice(0, 2).map(kindOf).join(' ')}`
  },
}

function slowSingle(text: string): string {
  const value = trim(text)
  if (value === '') return 'absent'
  return value.includes(',') ? 'ambiguous-single-header' : slowNode(value, false)
}
