import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const top = fileURLToPath(new URL('../..', import.meta.url))
const run = (script: string, ...args: readonly string[]) =>
  execFileSync(process.execPath, [join(top, 'scripts', script), ...args], { encoding: 'utf8' })

describe('what comes with the packages', () => {
  test('is under licences that may be used, and listed in docs/licences.md', () => {
    const page = readFileSync(join(top, 'docs/licences.md'), 'utf8')
    expect(run('licences.mjs').startsWith(page)).toBe(true)
    expect(page).toContain('`fastify-plugin`')
  })

  test('runs on the oldest Node that the packages support', () => {
    const page = readFileSync(join(top, 'docs/licences.md'), 'utf8')
    const lock: {
      packages: Readonly<Record<string, { engines?: { node?: string } }>>
    } = parse(readFileSync(join(top, 'pnpm-lock.yaml'), 'utf8'))
    const listed = [...page.matchAll(/^\| `(.+)` \| (\S+) \|/gm)].map(
      ([, name = '', version = '']) => `${name}@${version}`,
    )
    expect(listed.length).toBeGreaterThan(10)
    const engines = listed.map((key) => [key, lock.packages[key]?.engines?.node ?? ''])
    const oldest = /^$|^(.* )?>= ?(\d|1\d|20)(\.\d+)*(\.\*)?$/
    expect(engines.filter(([, node = '']) => !oldest.test(node))).toEqual([])
  })

  test('is in the bill of materials, apart from what builds and tests it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'truehop-sbom-'))
    try {
      run('sbom.mjs', join(folder, 'sbom.json'))
      const { bomFormat, components, dependencies } = JSON.parse(
        readFileSync(join(folder, 'sbom.json'), 'utf8'),
      )
      const named = (name: string) =>
        components.find((component: { readonly name: string }) => component.name === name)
      expect(bomFormat).toBe('CycloneDX')
      expect(named('fastify-plugin')).toMatchObject({
        licenses: [{ license: { id: 'MIT' } }],
        externalReferences: expect.arrayContaining([
          expect.objectContaining({
            hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[\da-f]{128}$/) }],
          }),
        ]),
      })
      // The frameworks are the user's own.
      for (const other of ['vitest', 'typescript', 'fastify', 'express']) {
        expect(components).not.toContainEqual(expect.objectContaining({ name: other }))
      }
      const listed = [
        ...readFileSync(join(top, 'docs/licences.md'), 'utf8').matchAll(/^\| `(.+)` \|/gm),
      ]
      const purls = components.map(({ purl }: { readonly purl: string }) => purl)
      for (const [, name = ''] of listed) {
        expect(purls).toContainEqual(expect.stringContaining(`npm/${name.replace('@', '%40')}@`))
      }
      // One for each component, and one for the workspace.
      expect(dependencies).toHaveLength(components.length + 1)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
