import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { policyFromText } from '@truehop/identity/yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeBlocks, codeBlocksIn, root } from './code-blocks.js'
import { commonJsBlocks, compile, type Reader, readerOf, runAll } from './snippets.js'

/*
 * The folder lies among the examples, so that a block finds what they find: the packages as built,
 * both frameworks and NestJS.
 */
const folder = mkdtempSync(join(root, 'examples/.snippets-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const programs = codeBlocks('js', 'mjs', 'javascript', 'ts', 'typescript')
const inCommonJs = codeBlocks('cjs')

describe.each<Reader>(['fastify', 'express'])('the programs in the pages, on %s', (reader) => {
  const blocks = programs.filter((block) => readerOf(block) === reader)
  const scripts = inCommonJs.filter((block) => readerOf(block) === reader)
  const own = join(folder, reader)
  let errors: string[] = []

  beforeAll(async () => {
    mkdirSync(own)
    errors = await compile(blocks, reader, own)
  })

  test('there are some', () => {
    expect(blocks.length).toBeGreaterThan(10)
  })

  test('compile under the strictest options', () => {
    expect(errors).toEqual([])
  })

  test('run, apart from those whose fence says why not', async () => {
    const runnable = blocks.filter(({ noRun }) => noRun === undefined)
    expect(runnable.length).toBeGreaterThan(10)
    expect(await runAll(runnable, reader, own)).toEqual([])
  })

  test('run as CommonJS too, as the site shows them', async () => {
    const runnable = blocks.filter(({ noRun }) => noRun === undefined)
    const converted = commonJsBlocks(runnable)
    expect(converted.length).toBeGreaterThan(10)
    converted.push(...scripts.filter(({ noRun }) => noRun === undefined))
    expect(await runAll(converted, reader, own)).toEqual([])
  })
})

test('what does not run says why', () => {
  const reasons = [...programs, ...inCommonJs].filter(({ noRun }) => noRun !== undefined)
  expect(reasons.filter(({ noRun = '' }) => noRun.length < 10)).toEqual([])
})

/** With one of the names that a policy begins with, behind comments, a schema and, in JSON, a brace. */
const BEGINS_A_POLICY = /^\{?\s*(#[^\n]*\s*|"?\$schema"?:[^\n]*\s*)*"?(hops|trust|platform)"?:/

describe('the policies in the pages', () => {
  const files = [
    ...codeBlocks('json', 'jsonc').map((block) => ({ ...block, file: `${block.page}.json` })),
    ...codeBlocks('yaml').map((block) => ({ ...block, file: `${block.page}.yaml` })),
  ]
  const policies = files.filter(({ text }) => BEGINS_A_POLICY.test(text))

  test('are in both formats', () => {
    expect(new Set(policies.map(({ language }) => language))).toEqual(
      new Set(['json', 'jsonc', 'yaml']),
    )
  })

  test('load', () => {
    const refused = policies.flatMap(({ file, line, text }) => {
      try {
        policyFromText(text, `${line}:${file}`)
        return []
      } catch (error) {
        return [String(error)]
      }
    })
    expect(refused).toEqual([])
  })
})

test('finds blocks with their lines, and what is next to the language', () => {
  const page = 'text\n```js no-run: asks Redis\nconst a = 1\n```\n\n````text\n```js\n````\n'
  expect(codeBlocksIn('a.md', page)).toEqual([
    { page: 'a.md', line: 3, language: 'js', noRun: 'asks Redis', text: 'const a = 1' },
    { page: 'a.md', line: 7, language: 'text', noRun: undefined, text: '```js' },
  ])
  expect(() => codeBlocksIn('a.md', '```js\n')).toThrow('a.md:1: the code block has no end')
})
