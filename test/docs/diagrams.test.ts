import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { definePolicy, lint } from '@truehop/identity'
import { describe, expect, test } from 'vitest'
import { explainChain } from '../../examples/src/diagrams/chain.js'
import { CHAINS } from '../../examples/src/diagrams/chains.js'
import { pagesWithWalks, withWalks } from '../../examples/src/diagrams/page.js'
import { pictureOf } from '../../examples/src/diagrams/picture.js'

const docs = fileURLToPath(new URL('../../docs', import.meta.url))
const read = (path: string) => readFileSync(join(docs, path), 'utf8')

describe.each(CHAINS.map((chain) => [chain.name, chain] as const))(
  'the chain %s',
  (name, chain) => {
    test('finds the client of the documentation', () => {
      const { identity } = explainChain(chain)
      expect(identity).toMatchObject({ status: 'resolved', ip: '198.51.100.7' })
    })

    test('has a policy without errors', () => {
      const findings = lint(definePolicy(chain.policy))
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
    })

    // `node examples/dist/diagrams/main.js` draws it anew.
    test('looks as its picture', () => {
      expect(read(`images/${name}.svg`)).toBe(pictureOf(chain))
    })
  },
)

describe('the pages', () => {
  test('have one for every chain but the one of the README', () => {
    const topologies = CHAINS.map(({ name }) => `${name}.md`).filter((page) => page !== 'chain.md')
    const pages = readdirSync(join(docs, 'topologies'))
    expect(pages.filter((page) => page !== 'README.md').sort()).toEqual(topologies.sort())
  })

  test.each(pagesWithWalks(docs))('%s shows the walk that explain gives', (page) => {
    expect(read(page)).toBe(withWalks(read(page), CHAINS))
  })
})
