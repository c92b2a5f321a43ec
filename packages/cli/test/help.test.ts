import { readFileSync } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { manPage } from '../src/manual/man-page.js'
import { examplesOf } from '../src/program/command.js'
import { makeProgram } from '../src/program/program.js'
import { truehop } from './command-line.js'

const terminal = {
  stdin: Readable.from([]),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  environment: {},
  signal: new AbortController().signal,
}
const program = makeProgram({ terminal, end() {} })
const commands = program.commands.flatMap((one) =>
  one.commands.length === 0
    ? [[one.name()]]
    : one.commands.map((inner) => [one.name(), inner.name()]),
)

describe('help', () => {
  test.each(commands.map((path) => path.join(' ')))(
    'of %s has examples of its own',
    async (path) => {
      const { code, out, err } = await truehop([...path.split(' '), '--help'])
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toMatch(new RegExp(`Examples:\n  \\$ .*truehop ${path}`))
    },
  )

  test('of each command fits a terminal of 60 columns', () => {
    const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 60 })
    const narrow = makeProgram({ terminal: { ...terminal, stdout }, end() {} })
    for (const command of [narrow, ...narrow.commands]) {
      const wide = command
        .helpInformation()
        .split('\n')
        .filter((line) => line.length > 60)
      expect.soft(wide, command.name()).toEqual([])
    }
  })

  test('every example is a command line that the program has', () => {
    const known = new Set(commands.map((path) => path.join(' ')))
    for (const command of [
      program,
      ...program.commands,
      ...program.commands.flatMap((c) => c.commands),
    ]) {
      for (const { line } of examplesOf(command)) {
        const [, words = ''] = /truehop ((?:(?:audit|limit|list) (?!-))?\S+)/.exec(line) ?? []
        expect(known, line).toContain(words)
        // Other programs of a pipeline have options of their own.
        const own = line.split('|').find((part) => part.includes('truehop ')) ?? ''
        const options = [...own.matchAll(/ (--[a-z][\w-]*)/g)].map(([, option]) => option)
        const [first, second] = words.split(' ')
        const named = program.commands.find((one) => one.name() === first)
        const owner = second ? named?.commands.find((one) => one.name() === second) : named
        const has = new Set([
          '--help',
          '--haproxy-protocol',
          ...(owner?.options ?? []).map(({ long }) => long),
        ])
        expect(
          options.filter((option) => !has.has(option ?? '')),
          line,
        ).toEqual([])
      }
    }
  })

  test.each([[[]], [['nope']], [['explain', '--nope']], [['audit']], [['audit', 'nope']]])(
    '%j is wrong usage, and says so on standard error',
    async (args) => {
      const { code, out, err } = await truehop(args)
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).not.toBe('')
    },
  )

  test('--version is that of the package', async () => {
    const { out } = await truehop(['--version'])
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    expect(out.trim()).toBe(JSON.parse(manifest).version)
  })

  test('every command has --json', () => {
    const without = program.commands
      .flatMap((one) => (one.commands.length === 0 ? [one] : [...one.commands]))
      .filter((one) => !one.options.some(({ long }) => long === '--json'))
    expect(without.map((one) => one.name())).toEqual([])
  })

  test('a completion script is the same in JSON', async () => {
    const { out } = await truehop(['completion', 'fish'])
    const { out: json } = await truehop(['completion', 'fish', '--json'])
    expect(JSON.parse(json)).toEqual({ shell: 'fish', script: out })
  })
})

describe('the manual page', () => {
  test('is the one that the definitions make: npm run man', () => {
    const page = readFileSync(new URL('../man/truehop.1', import.meta.url), 'utf8')
    expect(page).toBe(manPage(program))
  })

  test('has every command and option', () => {
    const page = manPage(program).replaceAll('\\-', '-')
    for (const path of commands) expect(page).toContain(`.SS truehop ${path.join(' ')}`)
    for (const { long } of program.commands.flatMap((one) => one.options)) {
      expect(page).toContain(long ?? '')
    }
  })
})
