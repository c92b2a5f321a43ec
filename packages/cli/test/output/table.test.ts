import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { createColors } from 'picocolors'
import { describe, expect, test } from 'vitest'
import { table } from '../../src/output/table.js'
import type { Screen } from '../../src/output/terminal.js'

const red = createColors(true).red

const screen = (isTTY: boolean, columns?: number): Screen =>
  Object.assign(Object.create(null), { isTTY, columns })

const NOTE = 'added by hand while the scraper was being looked at'
const ROWS = [
  ['2001:db8:1234:5678:9abc:def0:1234:5678', 'never', NOTE],
  ['198.51.100.7', '3600 s', red('short')],
]

test('a table that fits is the same on a terminal and in a pipe', () => {
  expect(table(screen(true, 120), ROWS)).toBe(table(screen(false), ROWS))
})

test('a table in a pipe keeps one row on one line, however wide', () => {
  expect(table(screen(false, 20), ROWS).split('\n')).toHaveLength(2)
})

test('a table wider than the terminal wraps its widest cells between words', () => {
  const lines = table(screen(true, 72), ROWS).split('\n')
  expect(lines.every((line) => stripVTControlCharacters(line).length <= 72)).toBe(true)
  expect(lines.length).toBeGreaterThan(2)
  expect(lines.join('\n')).toContain('2001:db8:1234:5678:9abc:def0:1234:5678')
})

test('a terminal too narrow for the longest words gets the whole table', () => {
  expect(table(screen(true, 20), ROWS)).toBe(table(screen(false), ROWS))
})

describe('whatever the cells and the width', () => {
  const word = fc.stringMatching(/^[a-z0-9.:/]{1,30}$/)
  const cell = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(' '))
  const rows = fc
    .integer({ min: 1, max: 4 })
    .chain((n) => fc.array(fc.array(cell, { minLength: n, maxLength: n }), { minLength: 1 }))

  test('every word is there, and whole', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 200 }), (cells, columns) => {
        const words = (text: string) => text.split(/\s+/).filter(Boolean).sort()
        expect(words(table(screen(true, columns), cells))).toEqual(words(cells.flat().join(' ')))
      }),
    )
  })
})
