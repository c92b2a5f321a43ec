import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decisionsCsv } from '../src/serve/decisions-csv.js'
import type { DecisionView } from '../src/view/view.js'

function decision(path: string, client = '198.51.100.7'): DecisionView {
  const outcome = {
    status: 'resolved',
    reason: 'first-untrusted',
    source: 'x-forwarded-for',
    client,
    rule: 'edge',
  } as const
  const walk = { peer: '10.0.0.5', steps: [], omitted: 0, outcome, ignored: [], conflicts: [] }
  const verdict = { by: 'allowlist', name: 'admin', word: 'denied', reason: 'deny-entry' } as const
  return {
    id: 7,
    changed: 9,
    at: Date.UTC(2026, 0, 2, 3, 4, 5),
    method: 'GET',
    path,
    walk,
    verdicts: [{ ...verdict, what: ['198.51.100.0/24'] }],
    answer: { status: 403, complete: true, ms: 12 },
  }
}

/** RFC 4180, section 2, read character by character. */
function read(text: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? ''
    if (quoted && c === '"' && text[i + 1] === '"') cell += text[++i]
    else if (c === '"') quoted = !quoted
    else if (!quoted && (c === ',' || c === '\r')) {
      rows.at(-1)?.push(cell)
      cell = ''
      if (c === '\r') {
        rows.push([])
        i++
      }
    } else cell += c
  }
  return rows.slice(0, -1)
}

describe('decisions as CSV', () => {
  test('have a line of names and one for each decision', () => {
    expect(decisionsCsv([decision('/a,"b"')])).toBe(
      'id,time,status,client,reason,source,rule,peer,method,path,verdicts,answer,milliseconds\r\n' +
        '7,2026-01-02T03:04:05.000Z,resolved,198.51.100.7,first-untrusted,x-forwarded-for,edge,10.0.0.5,GET,"/a,""b""",admin denied 198.51.100.0/24,403,12\r\n',
    )
  })

  test.each(['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
    'never begin a cell with what a spreadsheet runs: %j',
    (path) => {
      const [, row] = read(decisionsCsv([decision(path)]))
      expect(row?.[9]).toBe(`'${path}`)
    },
  )

  test.each(['=1', ' =1', '  @SUM(A1)', '\uff1d1', '\uff0b1', '\uff0d1', '\uff201', '\n=1'])(
    'begin no formula after a semicolon, where some spreadsheets end a cell, or after blanks: %j',
    (formula) => {
      const [, row] = read(decisionsCsv([decision(`/a;${formula};b`)]))
      expect(row?.[9]).toBe(`/a;'${formula};b`)
      const [, first] = read(decisionsCsv([decision(formula)]))
      expect(first?.[9]).toBe(`'${formula}`)
    },
  )

  test('read back as what they were, whatever a client sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (path, client) => {
        const [, row] = read(decisionsCsv([decision(path, client)]))
        expect(row).toHaveLength(13)
        for (const cell of row ?? []) expect(cell).not.toMatch(/(^|;)(\s*[=+\-@]|[\t\r\n])/)
        expect(row?.[9]?.replaceAll("'", '')).toBe(path.replaceAll("'", ''))
      }),
    )
  })
})
