import { parseAddress } from '@truehop/ip'
import { memberOf } from '@truehop/options'
import {
  isAlias,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type ParsedNode,
  parseDocument,
} from 'yaml'
import type { Place } from './error.js'
import { readJson, YAML_NAME } from './json-text.js'
import {
  isTooDeep,
  MAX_DEPTH,
  type PolicyText,
  type RepeatedName,
  TOO_DEEP,
  withoutMark,
  withoutPolicy,
} from './policy-text.js'
import type { Written } from './written-places.js'

/** By the ending of the file's name; of another name, such as `-`, by the first character. */
export function readJsonOrYaml(text: string, name: string): PolicyText {
  const isYaml = YAML_NAME.test(name) || !(/\.jsonc?$/i.test(name) || BEGINS_AS_JSON.test(text))
  return isYaml ? readYaml(text) : readJson(text)
}

/** With an object, or with one of the comments that JSON files may have here. */
const BEGINS_AS_JSON = /^\ufeff?\s*(?:\{|\/\/|\/\*|$)/

/**
 * What the text of a YAML file (YAML 1.2, core schema, one document) says, and where. Tags and aliases
 * are refused: what a policy trusts is written where it is trusted.
 */
function readYaml(given: string): PolicyText {
  const text = withoutMark(given)
  if (isTooDeep(text)) return withoutPolicy('YAML', TOO_DEEP)
  const cut = text.search(LONE_RETURN)
  if (cut >= 0) return withoutPolicy('YAML', HAS_LONE_RETURN, placeBehind(text.slice(0, cut)))
  const lines = new LineCounter()
  const reading = new Reading(lines, given.length - text.length)
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      // With less, a second document is passed over in silence.
      logLevel: 'error',
      prettyErrors: false,
      resolveKnownTags: false,
      schema: 'core',
      // Noted here, together with the other problems of the file.
      uniqueKeys: false,
      version: '1.2',
    })
    const [wrong] = [...document.errors, ...document.warnings]
    if (wrong !== undefined) throw new Fault(wrong.message, wrong.pos[0])
    const value = reading.value(document.contents, '', 0)
    return { format: 'YAML', value, repeated: reading.repeated, places: reading.places }
  } catch (error) {
    if (error instanceof Fault) return withoutPolicy('YAML', error.message, reading.place(error.at))
    return withoutPolicy('YAML', error instanceof Error ? error.message : String(error))
  }
}

/**
 * YAML ends a line there (1.2.2, section 5.4), and so do some editors, but the parser does not: a
 * comment before it would hide what follows.
 */
const LONE_RETURN = /\r(?!\n)/
const HAS_LONE_RETURN =
  'has a carriage return that no line feed follows; end its lines in LF or CRLF'

function placeBehind(text: string): Place {
  const lines = text.split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

class Fault extends Error {
  /** Offset in the text. */
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** Makes the value of a tree, and notes where each member and element of it is written. */
class Reading {
  readonly places = new Map<string, Written>()
  readonly repeated: RepeatedName[] = []
  readonly #lines: LineCounter
  /** Characters of the byte order mark, which the parser does not see. */
  readonly #mark: number

  constructor(lines: LineCounter, mark: number) {
    this.#lines = lines
    this.#mark = mark
  }

  place(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset)
    return { line, column: col }
  }

  value(node: ParsedNode | null, path: string, depth: number): unknown {
    if (node === null) return null
    if (depth > MAX_DEPTH) throw new Fault(TOO_DEEP, node.range[0])
    if (isAlias(node)) throw new Fault('has an alias; write the value again', node.range[0])
    if (node.tag !== undefined && !PLAIN_TAG.test(node.tag)) {
      throw new Fault(`has the tag ${node.tag}; leave it out`, node.range[0])
    }
    if (isScalar(node)) return node.value
    if (isSeq(node)) {
      return node.items.map((item, index) => this.#element(item, `${path}[${index}]`, depth))
    }
    return this.#object(node.items, path, depth)
  }

  #element(node: ParsedNode, path: string, depth: number): unknown {
    this.places.set(path, { place: this.place(node.range[0]), ...this.#valueAt(node) })
    return this.value(node, path, depth + 1)
  }

  #object(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], path: string, depth: number) {
    const members = new Map<string, unknown>()
    const names = new Map<string, Place>()
    for (const { key, value: node } of pairs) {
      const text = nameOf(key)
      const at = memberOf(path, text)
      const value = this.value(node, at, depth + 1)
      if (value === null && parseAddress(`${text}:`) !== undefined) {
        const advice = `an address that ends in a colon needs quotes; write "${text}:"`
        throw new Fault(advice, key.range[0])
      }
      const place = this.place(key.range[0])
      const first = names.get(text)
      if (first !== undefined) this.repeated.push({ path: at, first, again: place })
      names.set(text, place)
      members.set(text, value)
      const name = isOverLines(key) ? {} : { name: { text, ...this.#span(key) } }
      this.places.set(at, {
        place,
        ...name,
        ...this.#valueAt(node ?? key),
      })
    }
    // Makes a member of its own even of `__proto__`.
    return Object.fromEntries(members)
  }

  #valueAt(node: ParsedNode): Pick<Written, 'value' | 'plain'> {
    const plain = isScalar(node) && !isOverLines(node) ? { plain: node.value } : {}
    return { value: this.#span(node), ...plain }
  }

  #span({ range: [start, end] }: ParsedNode) {
    return { start: start + this.#mark, end: end + this.#mark }
  }
}

/**
 * Block scalars, which reach to the next node's line and may have a comment: they are nothing to put
 * another word in place of.
 */
const isOverLines = (node: ParsedNode): boolean =>
  isScalar(node) && (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL')

/** Tags that change nothing. */
const PLAIN_TAG = /^(?:!|tag:yaml\.org,2002:(?:map|seq|str|int|float|bool|null))$/

function nameOf(key: ParsedNode): string {
  if (isScalar(key)) return String(key.value)
  throw new Fault('has a name that is not a string', key.range[0])
}
