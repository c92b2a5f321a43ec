import { describe, expect, test } from 'vitest'
import { placesIn } from '../src/yaml.js'

describe('the place of an entry of a policy text', () => {
  const text = '{\n"$schema": "a]{\\"",\n"hops": [\n{\n"from": [\n"a"\n, "b"]},\n  {"name":\n1}]}'
  test.each([
    ['hops', 3, 1],
    ['hops[0]', 4, 1],
    ['hops[0].from', 5, 1],
    ['hops[0].from[0]', 6, 1],
    ['hops[0].from[1]', 7, 3],
    ['hops[1]', 8, 3],
    ['hops[1].name', 8, 4],
    ['hops[1].from[3]', 8, 3],
    ['hops[9].from', 3, 1],
    ['nothing', 1, 1],
    ['', 1, 1],
  ])('%s is line %i, column %i', (path, line, column) => {
    expect(placesIn(text, 'policy.json')(path)).toEqual({ line, column })
  })

  test.each([
    ['hops[0].from', 2],
    ['hops[0].from[0]', 2],
    ['hops[0].asserts', 3],
    ['hops[0].depth', 4],
    ['trust', 2],
    ['hops', 1],
  ])('%s of the short form is on line %i', (path, line) => {
    const short = '{\n"trust": ["any"],\n"header": "forwarded",\n"depth": 1 }'
    expect(placesIn(short, 'policy.json')(path)?.line).toBe(line)
  })
})
