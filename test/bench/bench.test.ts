import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

interface Change {
  readonly key: string
  readonly change: number
}

interface Tree {
  readonly name: string
  readonly time: number
  readonly calls: ReadonlyMap<string, Tree>
}

/** Scripts without declarations. */
const load = (name: string) => import(new URL(`${name}.mjs`, import.meta.url).href)
const compare: {
  changesOf(before: object, after: object): readonly Change[]
  hasFallen(change: Change): boolean
} = await load('compare')
const flame: {
  treeOf(profile: object): Tree
  sharesOf(tree: Tree): readonly (readonly [string, number])[]
  flameGraph(tree: Tree, title: string): string
} = await load('flame-graph')
const results: { lineOf(version: string): number } = await load('results')
const { changesOf, hasFallen } = compare
const { flameGraph, sharesOf, treeOf } = flame

function sample(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`samples/${name}.json`, import.meta.url), 'utf8'))
}

describe('two runs compared', () => {
  const [before, after] = [sample('before'), sample('after')]

  test('name the ratios that fell by more than a tenth, the worst first', () => {
    // In the second, the server with all four takes a fifth more CPU, and v1 takes 4 % more.
    const fallen = changesOf(before, after).filter(hasFallen)
    expect(fallen.map(({ key }) => key).sort()).toEqual(['Fastify floor', 'Fastify four'])
    expect(fallen[0]?.change).toBeCloseTo(1 / 1.2 - 1, 1)
  })

  test('say what became better too', () => {
    const better = changesOf(before, after).filter(({ change }) => change > 0.05)
    expect(better.map(({ key }) => key)).toEqual(['resolve'])
  })

  test('have nothing to say of equal ones, nor of a row that only one of them has', () => {
    expect(changesOf(before, before).every(({ change }) => change === 0)).toBe(true)
    const { redis: _redis, ...without } = before
    const keys = changesOf(without, before).map(({ key }) => key)
    expect(keys).toContain('resolve')
    expect(keys.some((key) => key.startsWith('Redis'))).toBe(false)
  })
})

test('figures are kept by the line of Node', () => {
  expect(['v20.20.2', 'v24.0.0'].map(results.lineOf)).toEqual([20, 24])
})

describe('a flame graph', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url })
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 3, 4, 6] },
      { id: 2, callFrame: frame('(idle)') },
      { id: 3, callFrame: frame('emit', 'node:events'), children: [5] },
      { id: 4, callFrame: frame('emit', 'node:events') },
      { id: 5, callFrame: frame('<decide>', 'file:///x/packages/rate-limit/dist/decide.js') },
      { id: 6, callFrame: frame('rare', 'file:///x/node_modules/pino/lib/proto.js') },
    ],
    samples: [2, 3, 4, 5, 6],
    timeDeltas: [5000, 300, 300, 397, 3],
  }

  test('merges calls of one function, and counts no time in which nothing ran', () => {
    const tree = treeOf(profile)
    expect(tree.time).toBe(1000)
    expect([...tree.calls.values()].map(({ name, time }) => [name, time])).toEqual([
      ['emit', 997],
      ['rare', 3],
    ])
  })

  test('tells whose code it is', () => {
    expect(sharesOf(treeOf(profile))).toEqual([
      ['node', 0.6],
      ['@truehop/rate-limit', 0.397],
    ])
  })

  test('draws what takes half a percent and more, with names escaped', () => {
    const svg = flameGraph(treeOf(profile), 'a & b')
    expect(svg).toContain('&#60;decide&#62;, @truehop/rate-limit: 39.7 %')
    expect(svg).toContain('aria-label="a &#38; b"')
    expect(svg).not.toContain('rare')
  })
})
