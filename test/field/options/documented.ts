import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** One value of one option, and what has to be seen when something is asked with it. */
export interface OptionCase<Context> {
  readonly option: string
  /** As the page writes it, without quotes: `enforce`, `true`, `3000`; other words for the rest. */
  readonly value: string
  readonly sees: (context: Context) => void | Promise<void>
}

/** An option of a table, and the values that the table enumerates or bounds. */
interface Documented {
  readonly option: string
  readonly values: readonly string[]
}

/** Rows of the table of options that follows a heading or sentence on a page of docs/. */
export function documentedOptions(page: string, after: string, bareWords = false): Documented[] {
  const text = readFileSync(new URL(`../../../docs/${page}.md`, import.meta.url), 'utf8')
  const from = text.indexOf(after)
  if (from < 0) throw new Error(`docs/${page}.md has no '${after}'`)
  const lines = text.slice(from).split('\n')
  const head = lines.findIndex((line) => line.startsWith('| option |'))
  const rest = lines.slice(head + 2)
  const rows = rest.slice(
    0,
    rest.findIndex((line) => !line.startsWith('|')),
  )
  if (head < 0 || rows.length === 0) throw new Error(`docs/${page}.md has no options there`)
  return rows.map((row) => documented(row, bareWords))
}

function documented(row: string, bareWords: boolean): Documented {
  const [first = '', ...cells] = row.replace(/^\| | \|$/g, '').split(' | ')
  const option = /`([^`]+)`/.exec(first)?.[1] ?? first
  const rest = cells.join(' | ')
  const values = [
    ...[...rest.matchAll(/`'([^'`]+)'`/g)].map(([, value]) => value),
    ...[...rest.matchAll(/`(true|false)`/g)].map(([, value]) => value),
    ...(bareWords ? [...rest.matchAll(/`([a-z][a-z0-9:-]*)`/g)].map(([, value]) => value) : []),
    ...boundsIn(rest),
  ]
  return { option, values: [...new Set(values.flatMap((value) => value ?? []))] }
}

/** `1 to 999`, `3000 to 600,000`: both ends. */
function boundsIn(text: string): string[] {
  const bounds = [...text.matchAll(/(?:^|[\s|])(\d[\d,]*) to (\d[\d,]*)/g)]
  return bounds.flatMap(([, ...ends]) => ends.map((end) => end?.replaceAll(',', '') ?? ''))
}

/**
 * A case for every value that the page enumerates, and one at least for every option of it; no case
 * for what the page does not have. `notValues`: words of the table that are something else.
 */
export function expectComplete(
  table: readonly Documented[],
  cases: readonly OptionCase<never>[],
  notValues: readonly string[] = [],
): void {
  test('every documented value of every option is among these', () => {
    const known = new Set(cases.map(({ option, value }) => `${option}: ${value}`))
    const options = new Set(cases.map(({ option }) => option))
    const missing = table.flatMap(({ option, values }) => [
      ...(options.has(option) ? [] : [option]),
      ...values.map((value) => `${option}: ${value}`).filter((each) => !known.has(each)),
    ])
    expect(missing.filter((each) => !notValues.includes(each))).toEqual([])
    const documentedNames = table.map(({ option }) => option)
    expect([...options].filter((option) => !documentedNames.includes(option))).toEqual([])
  })
}
