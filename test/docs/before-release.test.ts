import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codeBlocksOf, pages, root } from './code-blocks.js'

/** The version that was never published. The pull request that changes it takes the notes out. */
const FIRST = '0.1.0'

const NOTE = /^Not released yet\b[\s\S]*?#before-the-first-release\)/m
const SECTION = /^#+ Before the first release$/m

const { version }: { version: string } = JSON.parse(
  readFileSync(join(root, 'packages/identity/package.json'), 'utf8'),
)
const isReleased = version !== FIRST
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

/** Pages that say to install a package by name; the README says it for all of its blocks at once. */
const installing = pages.filter(
  (page) =>
    page !== 'README.md' &&
    codeBlocksOf(page).some(({ text }) => /\bnpm install\b[^\n]*@truehop\//.test(text)),
)

test('there are pages that say to install a package', () => {
  expect(installing).toEqual(expect.arrayContaining(['docs/cli.md', 'packages/fastify/README.md']))
})

test.each(installing)('%s says until the first release where packages come from', (page) => {
  expect(NOTE.test(textOf(page))).toBe(!isReleased)
})

test('the README says how, until the first release', () => {
  expect(SECTION.test(textOf('README.md'))).toBe(!isReleased)
})

test('no other page has the note', () => {
  const noted = pages.filter((page) => NOTE.test(textOf(page)))
  expect(noted.filter((page) => !installing.includes(page))).toEqual([])
})
