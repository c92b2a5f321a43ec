import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')

const headings = new Set(
  [...read('docs/errors.md').matchAll(/^### `(.+)`$/gm)].map((match) => match[1]),
)

/** The words of a union type, comments left out. */
function words(path: string, type: string): string[] {
  const union = new RegExp(`export type ${type} =(.*?)\\n\\n`, 's').exec(read(path))?.[1] ?? ''
  const code = union.replace(/\/\*\*.*?\*\//gs, '')
  return [...code.matchAll(/'([a-z-]+)'/g)].map((match) => match[1] ?? '')
}

describe('docs/errors.md', () => {
  test.each([
    ['packages/identity/src/walk/identity.ts', 'ResolvedReason', 'first-untrusted'],
    ['packages/identity/src/walk/identity.ts', 'UndeterminedReason', 'no-peer'],
    ['packages/forwarded/src/node.ts', 'NodeFault', 'unidentified-node'],
    ['packages/proxy-protocol/src/receive/refusal-reason.ts', 'RefusalReason', 'untrusted-peer'],
  ])('%s: has a heading for every %s', (path, type, one) => {
    const reasons = words(path, type)
    expect(reasons).toContain(one)
    expect(reasons.filter((reason) => !headings.has(reason))).toEqual([])
  })

  test('has no heading twice', () => {
    const all = [...read('docs/errors.md').matchAll(/^### (.+)$/gm)].map((match) => match[1])
    expect(all).toHaveLength(new Set(all).size)
  })
})
