import { evaluate, parse, type ValueNode } from '@humanwhocodes/momoa'
import { memberOf } from '@truehop/options'
import type { Place } from './error.js'
import {
  isTooDeep,
  type PolicyText,
  type RepeatedName,
  TOO_DEEP,
  withoutMark,
  withoutPolicy,
} from './policy-text.js'
import type { Written } from './written-places.js'

/** Endings of the names of files that are YAML. */
export const YAML_NAME = /\.ya?ml$/i

/** As `readJson`; a file that is named as YAML is refused by what reads it. */
export function readOnlyJson(text: string, name: string): PolicyText {
  if (!YAML_NAME.test(name)) return readJson(text)
  const advice =
    "import loadPolicy, openPolicy or policyFromEnvironment from '@truehop/identity/yaml'"
  return withoutPolicy('JSON', `its name says YAML; ${advice}`)
}

/**
 * What the text of a JSON file says, and where; or where and why it has nothing to say. Comments
 * and a trailing comma are allowed, as it is a file that people maintain.
 */
export function readJson(text: string): PolicyText {
  const json = withoutMark(text)
  if (isTooDeep(json)) return withoutPolicy('JSON', TOO_DEEP)
  try {
    const tree = parse(json, { mode: 'jsonc', allowTrailingCommas: true })
    const places = new Map<string, Written>()
    const repeated: RepeatedName[] = []
    const mark = text.length - json.length
    lookThrough(tree.body, '', mark, places, repeated)
    return { format: 'JSON', value: evaluate(tree), repeated, places }
  } catch (error) {
    const { fault, place } = faultOf(error, json)
    return withoutPolicy('JSON', fault, place)
  }
}

/** The parser ends its messages with `(line:column)`. */
function faultOf(error: unknown, text: string): { fault: string; place?: Place } {
  const message = error instanceof Error ? error.message : String(error)
  const [, fault, line, column] = /^(.*?)\.? \((\d+):(\d+)\)$/s.exec(message) ?? []
  if (fault === undefined) return { fault: message }
  // For a text that ends too soon, the parser reports its beginning.
  if (fault.includes('end of input')) return { fault, place: endOf(text) }
  return { fault, place: { line: Number(line), column: Number(column) } }
}

function endOf(text: string): Place {
  const lines = text.trimEnd().split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

/** Notes where each member and element begins; for a name that occurs twice, the last one. */
function lookThrough(
  node: ValueNode,
  path: string,
  mark: number,
  places: Map<string, Written>,
  repeated: RepeatedName[],
): void {
  const names = new Map<string, Place>()
  for (const { at, node: value, written } of entriesOf(node, path, mark)) {
    const name = written.name?.text
    const first = name === undefined ? undefined : names.get(name)
    if (first !== undefined) repeated.push({ path: at, first, again: written.place })
    if (name !== undefined) names.set(name, written.place)
    places.set(at, written)
    lookThrough(value, at, mark, places, repeated)
  }
}

interface Entry {
  readonly at: string
  readonly node: ValueNode
  readonly written: Written
}

function entriesOf(node: ValueNode, path: string, mark: number): readonly Entry[] {
  if (node.type === 'Array') {
    return node.elements.map(({ value, loc }, index) => {
      const written = { place: placeOf(loc.start), ...valueIn(value, mark) }
      return { at: `${path}[${index}]`, node: value, written }
    })
  }
  if (node.type !== 'Object') return []
  return node.members.map(({ name: key, value, loc }) => {
    const text = key.type === 'String' ? key.value : key.name
    const name = { text, ...spanOf(key, mark) }
    const written = { place: placeOf(loc.start), name, ...valueIn(value, mark) }
    return { at: memberOf(path, text), node: value, written }
  })
}

function valueIn(node: ValueNode, mark: number): Pick<Written, 'value' | 'plain'> {
  const plain = 'value' in node ? { plain: node.value } : {}
  return { value: spanOf(node, mark), ...plain }
}

const spanOf = ({ loc }: Pick<ValueNode, 'loc'>, mark: number) => ({
  start: loc.start.offset + mark,
  end: loc.end.offset + mark,
})

const placeOf = ({ line, column }: Place): Place => ({ line, column })
