import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { declarationsFrom, optionalProperties } from './optional-properties.js'

const root = fileURLToPath(new URL('../../packages', import.meta.url))

/** The declarations of a package's entry points; none for what is private. */
function entriesOf(name: string): string[] {
  const folder = join(root, name)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (manifest.private === true) return []
  const exported = Object.values<{ types?: string } | string>(manifest.exports)
  return exported
    .flatMap((each) => (typeof each === 'object' && each.types !== undefined ? [each.types] : []))
    .map((types) => join(folder, types))
}

/** Not taken from anybody, but passed on to types of other packages, which are stricter. */
const PASSED_ON: Readonly<Record<string, string>> = {
  'testing/dist/inject.d.ts: remoteAddress': 'inject() of light-my-request',
}

/**
 * Under `exactOptionalPropertyTypes`, `timeout?: number` refuses `{ timeout: undefined }`, which is
 * how a service passes on an option that it was not given itself.
 */
describe('an optional property of a public type takes undefined', () => {
  const published = readdirSync(root).filter((name) => entriesOf(name).length > 0)

  test.each(published)('%s', (name) => {
    const files = declarationsFrom(entriesOf(name))
    expect(files.filter((file) => !existsSync(file))).toEqual([])
    const strict = files
      .flatMap((file) => optionalProperties(file))
      .filter(({ type }) => !/(^|\| )(undefined|unknown)$/.test(type))
    const names = strict.map(({ file, name: property }) => `${relative(root, file)}: ${property}`)
    const passedOn = Object.keys(PASSED_ON).filter((each) => each.startsWith(`${name}/`))
    expect(names.sort()).toEqual(passedOn.sort())
  })

  test('of every package that is published', () => {
    expect(published).toEqual(expect.arrayContaining(['allowlist', 'identity', 'ip', 'testing']))
  })

  test('and one that does not is found, wherever it is', () => {
    const text = `
      /** a?: string; */
      export interface A { readonly b?: string; c?: number | undefined; d?: { e?: () => void; } | undefined; }
      export declare function f(g?: string, h?: { i?: 'x' | 'y'; }): { j?: (undefined | string)[]; };
    `
    const found = optionalProperties('a.d.ts', text)
    expect(found.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'b: string',
      'c: number | undefined',
      'd: { e?: () => void; } | undefined',
      'e: () => void',
      "i: 'x' | 'y'",
      'j: (undefined | string)[]',
    ])
  })
})
