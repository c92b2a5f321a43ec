import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { fileWriter, truehop } from '../../packages/cli/test/command-line.js'
import { describeWithPeers, peerPath } from '../peers/harness/peer.js'

const write = fileWriter()
const COMMANDS = [
  'audit',
  'completion',
  'doctor',
  'explain',
  'init',
  'inspect',
  'limit',
  'lint',
  'list',
  'listen',
  'mask',
  'pair',
  'relay',
  'suggest',
]

/** Commands of commands. */
const GROUPED = [
  ...['acknowledge', 'checkpoint-key', 'key', 'verify'].map((name) => `audit_${name}`),
  ...['block', 'reset', 'reward', 'show'].map((name) => `limit_${name}`),
  ...['add', 'remove', 'show'].map((name) => `list_${name}`),
]

/** What has been typed, the last word being completed, and what a shell must offer. */
const CASES: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['truehop', ''], COMMANDS],
  [
    ['truehop', 'li'],
    ['limit', 'lint', 'list', 'listen'],
  ],
  [
    ['truehop', 'limit', 're'],
    ['reset', 'reward'],
  ],
  [
    ['truehop', 'audit', ''],
    ['acknowledge', 'checkpoint-key', 'key', 'verify'],
  ],
  [['truehop', 'audit', 'verify', '--an'], ['--anchor']],
  [
    ['truehop', 'explain', '--pr'],
    ['--proxy', '--proxy-hex'],
  ],
  [
    ['truehop', 'explain', '--format', ''],
    ['alb', 'auto', 'combined', 'ecs', 'haproxy', 'har', 'http', 'jsonl', 'nginx'],
  ],
  [
    ['truehop', 'relay', '--to', 'a:1', '--send', 'v'],
    ['v1', 'v2'],
  ],
  [
    ['truehop', 'completion', ''],
    ['bash', 'fish', 'zsh'],
  ],
]

const script = async (shell: string): Promise<string> =>
  write(`_truehop.${shell}`, (await truehop(['completion', shell])).out)

const output = (program: string, args: readonly string[]): string =>
  execFileSync(peerPath(program), args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
  })

describeWithPeers(['bash'], 'completion for bash', () => {
  let file: string
  beforeAll(async () => {
    file = await script('bash')
  })

  const complete = (words: readonly string[]): string[] => {
    const quoted = words.map((word) => `'${word}'`).join(' ')
    const set = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}`
    const print =
      'if [ $' + '{#COMPREPLY[@]} -gt 0 ]; then printf "%s\\n" "$' + '{COMPREPLY[@]}"; fi'
    const out = output('bash', ['--norc', '-c', `source '${file}'; ${set}; _truehop; ${print}`])
    return out.split('\n').filter((line) => line !== '')
  }

  test.each(CASES)('%j', (words, expected) => {
    expect(complete(words).sort()).toEqual(expected)
  })

  test('files where a file belongs, also with a blank in its name', () => {
    const policy = write('my policy.json', {})
    const start = policy.slice(0, -8)
    expect(complete(['truehop', 'lint', start])).toEqual([policy])
    expect(complete(['truehop', 'doctor', '--policy', start])).toEqual([policy])
    expect(complete(['truehop', 'explain', '--peer', start])).toEqual([])
  })
})

describeWithPeers(['fish'], 'completion for fish', () => {
  let file: string
  beforeAll(async () => {
    file = await script('fish')
  })

  test.each(CASES)('%j', (words, expected) => {
    const out = output('fish', [
      '--no-config',
      '-c',
      `source '${file}'; complete -C '${words.join(' ')}'`,
    ])
    const offered = out.split('\n').flatMap((line) => line.split('\t')[0] || [])
    expect(offered.sort()).toEqual(expected)
  })
})

describeWithPeers(['zsh'], 'completion for zsh', () => {
  test('the script is one that zsh takes, and it knows every command', async () => {
    const file = await script('zsh')
    const load = `autoload -Uz compinit && compinit -u -D && source '${file}'`
    const print = 'print -l -- $' + '{(k)functions[(I)_truehop*]} $_comps[truehop]'
    const names = output('zsh', ['-f', '-c', `${load}; ${print}`])
      .trim()
      .split('\n')
      .sort()
    const functions = [...COMMANDS, ...GROUPED].map((name) => `_truehop_${name}`)
    expect(names).toEqual(['_truehop', '_truehop', ...functions].sort())
  })

  const harness = fileURLToPath(new URL('harness/complete.zsh', import.meta.url))

  test.each(CASES)('%j', async (words, expected) => {
    const line = words.join(' ')
    const seen = output('zsh', ['-f', harness, await script('zsh'), line, ...expected])
    // The line is echoed first; what follows it is the list.
    const list = stripVTControlCharacters(seen).split(`${line}\r`).at(-1)?.split(/\s+/)
    for (const word of expected) expect(list).toContain(word)
    if (words.length === 2) {
      const others = COMMANDS.filter((name) => !expected.includes(name))
      expect(list?.filter((word) => others.includes(word))).toEqual([])
    }
  })
})

test('a shell that is not known is wrong usage', async () => {
  expect((await truehop(['completion', 'tcsh'])).code).toBe(2)
})
