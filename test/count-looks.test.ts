import { expect, test } from 'vitest'
import { countLooks } from './count-looks.js'

const TEXT = 'x'.repeat(1000)

test.each<[string, number, () => unknown]>([
  ['nothing', 0, () => TEXT.length],
  ['charCodeAt', 1, () => TEXT.charCodeAt(5)],
  ['codePointAt and at', 2, () => [TEXT.codePointAt(5), TEXT.at(-1)]],
  ['indexOf of what is not there', 1000, () => TEXT.indexOf('y')],
  ['indexOf from a place', 400, () => TEXT.indexOf('y', 600)],
  ['indexOf of what is there', 3, () => `ab,${TEXT}`.indexOf(',')],
  ['lastIndexOf', 1000, () => TEXT.lastIndexOf('y')],
  ['lastIndexOf of what is there', 2, () => `${TEXT},a`.lastIndexOf(',')],
  ['includes', 1000, () => TEXT.includes('y')],
  ['startsWith', 3, () => TEXT.startsWith('abc')],
  ['slice', 990, () => TEXT.slice(10)],
  ['split', 1000, () => TEXT.split(',')],
  ['trim', 1000, () => TEXT.trim()],
  ['toLowerCase', 1000, () => TEXT.toLowerCase()],
  ['a regular expression', 1000, () => /y/.test(TEXT)],
  ['a sticky one', 1, () => /x/y.exec(TEXT)],
  ['walking over it', 1000, () => [...TEXT]],
])('%s', (_name, looks, run) => {
  expect(countLooks(run)).toBe(looks)
})

test('what replaces by a regular expression is counted by both', () => {
  expect(countLooks(() => TEXT.replace(/y/g, ''))).toBeGreaterThanOrEqual(1000)
})

test('nothing is left behind, whatever is thrown', () => {
  const { charCodeAt } = String.prototype
  const fail = () => {
    throw new Error('failed')
  }
  expect(() => countLooks(fail)).toThrow('failed')
  expect(String.prototype.charCodeAt).toBe(charCodeAt)
})
