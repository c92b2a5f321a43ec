import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJson } from '../src/policy/json-text.js'

const repeatedName = (text: string): string | undefined => readJson(text).repeated[0]?.path

describe('a name that an object of a JSON text has twice', () => {
  test.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"hops":[{"from":[]},{"from":["::1"],"name":"x","from":[]}]}', 'hops[1].from'],
    ['{"a":{"b":[[{"c":{"d":1,"e":2,"d":3}}]]}}', 'a.b[0][0].c.d'],
    ['[{"a":1},{"a":1,"b":[],"a":1}]', '[1].a'],
    ['{"from":1,"\\u0066rom":2}', 'from'],
    ['{"a\\"":1,"b":2,"a\\"":3}', 'a"'],
    ['{"a\\\\":1,"a\\\\":3}', 'a\\'],
    ['{"":1,"":2}', ''],
    ['{ "a" : "x" , "b" : "a" , "a" : 1 }', 'a'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('is found in %s', (text, path) => {
    JSON.parse(text)
    expect(repeatedName(text)).toBe(path)
  })

  test('is named with both of its places', () => {
    const [found] = readJson('{\n "a": 1,\n  "b": 2, "a": 3\n}').repeated
    expect(found).toEqual({
      path: 'a',
      first: { line: 2, column: 2 },
      again: { line: 3, column: 11 },
    })
  })

  test.each([
    '{}',
    '[]',
    '"a"',
    '{"a":"a","b":"a"}',
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '{"a":["a","a","a"],"b":{"a":1}}',
    '{"a":"{\\"b\\":1,\\"b\\":2}"}',
    '{"a,":1,"a":2}',
  ])('is not found in %s', (text) => {
    JSON.parse(text)
    expect(repeatedName(text)).toBeUndefined()
  })

  test('is never found in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(repeatedName(JSON.stringify(JSON.parse(text), null, 2))).toBeUndefined()
      }),
    )
  })

  test('is found wherever it is put into such a text', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (object) => {
        const text = JSON.stringify(object)
        const names = Object.keys(JSON.parse(text))
        for (const name of names) {
          const twice = `${text.slice(0, -1)},${JSON.stringify(name)}:null}`
          expect(repeatedName(twice)).toBe(name)
        }
      }),
    )
  })
})
