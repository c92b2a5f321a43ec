import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { platforms } from '@truehop/identity'
import { describe, expect, test } from 'vitest'
import { truehop } from '../../packages/cli/test/command-line.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The first command that a page shows under "How to check": its environment and its arguments. */
function commandOf(page: string): { environment: Record<string, string>; args: string[] } {
  const [, block = ''] = /## How to check\n\n```sh\n([\s\S]*?)```/.exec(page) ?? []
  const [line = ''] = block.replaceAll('\\\n', ' ').split('\n')
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  )
  const command = words.indexOf('truehop')
  const environment: Record<string, string> = {}
  for (const word of words.slice(0, command)) {
    const [name = '', value = ''] = word.split('=')
    environment[name] = value
  }
  return { environment, args: words.slice(command + 1) }
}

describe('the pages on platforms', () => {
  test.each(platforms.map(({ id }) => id))(
    'show how to check %s, and what it answers',
    async (id) => {
      const page = readFileSync(`${root}/docs/platforms/${id}.md`, 'utf8')
      const { environment, args } = commandOf(page)
      expect(environment['TRUEHOP_PLATFORM']).toBe(id)
      const { out } = await truehop(args, { environment })
      expect(out).toContain('192.0.2.66')
      expect(out).toMatch(
        id === 'docker' ? /^client +undetermined +address-hidden/m : /^client +198\.51\.100\.7 /m,
      )
    },
  )

  test('say what the data says', () => {
    execFileSync(process.execPath, ['scripts/write-platform-pages.mjs', '--check'], { cwd: root })
  })

  test('are one for each platform', () => {
    const pages = readdirSync(`${root}/docs/platforms`).filter((name) => name !== 'README.md')
    expect(pages.sort()).toEqual(platforms.map(({ id }) => `${id}.md`).sort())
  })

  test('are found in the README, and in their index', () => {
    const readme = readFileSync(`${root}/README.md`, 'utf8')
    const index = readFileSync(`${root}/docs/platforms/README.md`, 'utf8')
    expect(readme).toContain('](docs/platforms/README.md)')
    for (const { id } of platforms) {
      expect(readme).toContain(`](docs/platforms/${id}.md)`)
      expect(index).toContain(`](${id}.md)`)
    }
  })
})
