import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { section } from '../docs/markdown.js'
import { compiled } from '../field/ways/typed-files.js'
import { freePort } from '../peers/harness/ports.js'
import { startProgram, stopAfterAll } from '../peers/harness/service.js'
import { parseCurlLine, runCurlLine } from './curl-line.js'

const top = fileURLToPath(new URL('../..', import.meta.url))
const dist = join(top, 'examples/dist')

/** The code blocks of a language in a section of a page, in their order. */
function blocks(page: string, heading: string, language: string): string[] {
  const text = section(readFileSync(join(top, page), 'utf8'), heading)
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms')
  return [...text.matchAll(fence)].map((match) => match[1] ?? '')
}

/** Saves a program where the packages can be found that a clone of the repository has. */
function save(program: string): { readonly path: string; readonly folder: string } {
  mkdirSync(dist, { recursive: true })
  const folder = mkdtempSync(join(dist, 'readme-'))
  const path = join(folder, 'server.mjs')
  writeFileSync(path, program)
  return { path, folder }
}

/** What a program prints. */
function printed(program: string): string {
  const { path, folder } = save(program)
  try {
    return execFileSync(process.execPath, [path], { encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Each line for curl, with what stands behind the `#` under it. */
function conversation(block: string): (readonly [line: string, answer: string])[] {
  const lines = block.trim().split('\n')
  return lines.flatMap((line, i) =>
    line.startsWith('#') ? [] : [[line, lines[i + 1]?.replace(/^# /, '') ?? ''] as const],
  )
}

describe.each([
  ['README.md', '## Quick start: Fastify', 5],
  ['README.md', '## Quick start: Express', 3],
  ['packages/fastify/README.md', '# @truehop/fastify', 2],
  ['packages/express/README.md', '# @truehop/express', 2],
])('%s, %s', (page, heading, count) => {
  const [program = ''] = blocks(page, heading, 'js')
  const talk = conversation(blocks(page, heading, 'sh').at(-1) ?? '')
  const keep = stopAfterAll()
  let port = 0

  beforeAll(async () => {
    port = await freePort()
    const { path, folder } = save(program.replace('3000', String(port)))
    keep(
      await startProgram({
        path: process.execPath,
        args: [path],
        readyPort: port,
        folder,
        patience: 60_000,
      }),
    )
  })

  test(`asks ${count} times`, () => {
    expect(talk).toHaveLength(count)
  })

  test.each(talk)('%s', async (line, answer) => {
    expect(await runCurlLine(parseCurlLine(line.replace('3000', String(port))))).toBe(answer)
  })
})

describe('README.md, ## Quick start: NestJS', () => {
  const own = ['README.md', '## Quick start: NestJS'] as const
  const [program = ''] = blocks(...own, 'ts')
  const keep = stopAfterAll()
  let port = 0

  beforeAll(async () => {
    port = await freePort()
    const { folder } = save('')
    const path = compiled(folder, 'main', program.replace('3000', String(port)))
    const service = { path: process.execPath, args: [path], readyPort: port, folder }
    keep(await startProgram({ ...service, patience: 60_000 }))
  })

  test.each(conversation(blocks(...own, 'sh').at(-1) ?? ''))('%s', async (line, answer) => {
    expect(await runCurlLine(parseCurlLine(line.replace('3000', String(port))))).toBe(answer)
  })
})

describe('README.md, ## The policy', () => {
  test('finds the client that the text names', () => {
    const [policy = ''] = blocks('README.md', '## The policy', 'js')
    const evidence = `{ peer: '10.0.0.5',
      proxyHeaders: [{ version: 2, command: 'PROXY', family: 'INET', transport: 'STREAM', tlvs: [],
        source: { address: '173.245.48.9', port: 443 }, destination: { address: '10.0.0.5', port: 443 } }],
      headers: { 'cf-connecting-ip': '198.51.100.7', 'x-forwarded-for': '192.0.2.66' } }`
    const program = `${policy}
      import { resolve } from '@truehop/identity'
      const { ip, reason } = resolve(policy, ${evidence})
      console.log(ip, reason)`
    expect(printed(program)).toBe('198.51.100.7 first-untrusted\n')
  })
})

describe('packages/identity/README.md', () => {
  const own = ['packages/identity/README.md', '# @truehop/identity'] as const
  const [first = '', server = ''] = blocks(...own, 'js')
  const keep = stopAfterAll()

  test('prints the walk that it shows', () => {
    expect(printed(first)).toBe(blocks(...own, 'text')[0])
  })

  test('answers a request with its client', async () => {
    const port = await freePort()
    const { path, folder } = save(server.replace('3000', String(port)))
    keep(
      await startProgram({
        path: process.execPath,
        args: [path],
        readyPort: port,
        folder,
        patience: 60_000,
      }),
    )
    const headers = { 'x-forwarded-for': '192.0.2.66, 198.51.100.7' }
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers })
    expect(await answer.text()).toBe('198.51.100.7\n')
  })
})

test('packages/forwarded/README.md prints what it says', () => {
  const own = ['packages/forwarded/README.md', '# @truehop/forwarded'] as const
  const [program = ''] = blocks(...own, 'js')
  const said = [...program.matchAll(/^\/\/ (.*\n)/gm)].map(([, line]) => line).join('')
  expect(printed(program)).toBe(said)
})
