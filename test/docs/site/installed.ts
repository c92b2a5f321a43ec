import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../code-blocks.js'

const site = join(root, 'site')

describe('what builds the site', () => {
  test('compiles under the strictest options', () => {
    const tsc = join(site, 'node_modules/typescript/bin/tsc')
    execFileSync(process.execPath, [tsc, '-p', site], { stdio: 'pipe' })
  })

  test('is installed from packages under licences that may be used', async () => {
    const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const args = ['--yes', packageManager, 'licenses', 'list', '--json']
    const listed: Readonly<Record<string, readonly { readonly name: string }[]>> = JSON.parse(
      execFileSync('npx', args, { cwd: site, encoding: 'utf8' }),
    )
    const { isAllowed } = await import(join(root, 'scripts/licences.mjs'))
    const refused = Object.entries(listed).filter(([licence]) => !isAllowed(licence, false))
    expect(Object.values(listed).flat().length).toBeGreaterThan(20)
    expect(
      refused.map(([licence, packages]) => [licence, packages.map(({ name }) => name)]),
    ).toEqual([])
  })

  test('is not installed with the packages', () => {
    const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
    expect(workspace).not.toMatch(/^ +- site/m)
    expect(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')).not.toContain('vitepress')
  })

  test('is named in its lockfile without the host that it came from', () => {
    expect(readFileSync(join(site, 'pnpm-lock.yaml'), 'utf8')).not.toMatch(/https?:\/\//)
  })
})
