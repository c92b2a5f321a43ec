import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { section } from '../docs/markdown.js'
import { freePort } from '../peers/harness/ports.js'
import { startProgram, stopAfterAll } from '../peers/harness/service.js'
import { parseCurlLine, runCurlLine } from './curl-line.js'

const top = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(join(top, 'README.md'), 'utf8')
const dist = join(top, 'examples/dist')

/** The code blocks of a language in a section, in their order. */
function blocks(heading: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms')
  return [...section(readme, heading).matchAll(fence)].map((match) => match[1] ?? '')
}

/** Saves a program where the packages can be found that a clone of the repository has. */
function save(program: string): { readonly path: string; readonly folder: string } {
  mkdirSync(dist, { recursive: true })
  const folder = mkdtempSync(join(dist, 'readme-'))
  const path = join(folder, 'server.mjs')
  writeFileSync(path, program)
  return { path, folder }
}

/** Each line for curl, with what stands behind the `#` under it. */
function conversation(block: string): (readonly [line: string, answer: string])[] {
  const lines = block.trim().split('\n')
  return lines.flatMap((line, i) =>
    line.startsWith('#') ? [] : [[line, lines[i + 1]?.replace(/^# /, '') ?? ''] as const],
  )
}

describe.each([
  ['## Quick start: Fastify', 5],
  ['## Quick start: Express', 3],
])('%s', (heading, count) => {
  const [program = ''] = blocks(heading, 'js')
  const talk = conversation(blocks(heading, 'sh').at(-1) ?? '')
  const keep = stopAfterAll()
  let port = 0

  beforeAll(async () => {
    port = await freePort()
    const { path, folder } = save(program.replace('3000', String(port)))
    keep(await startProgram({ path: process.execPath, args: [path], readyPort: port, folder }))
  })

  test(`asks ${count} times`, () => {
    expect(talk).toHaveLength(count)
  })

  test.each(talk)('%s', async (line, answer) => {
    expect(await runCurlLine(parseCurlLine(line.replace('3000', String(port))))).toBe(answer)
  })
})

describe('## The policy', () => {
  test('finds the client that the text names', () => {
    const [policy = ''] = blocks('## The policy', 'js')
    const evidence = `{ peer: '10.0.0.5',
      proxyHeaders: [{ version: 2, command: 'PROXY', family: 'INET', transport: 'STREAM', tlvs: [],
        source: { address: '173.245.48.9', port: 443 }, destination: { address: '10.0.0.5', port: 443 } }],
      headers: { 'cf-connecting-ip': '198.51.100.7', 'x-forwarded-for': '192.0.2.66' } }`
    const { path, folder } = save(`${policy}
      import { resolve } from '@truehop/identity'
      const { ip, reason } = resolve(policy, ${evidence})
      console.log(ip, reason)`)
    try {
      const printed = execFileSync(process.execPath, [path], { encoding: 'utf8' })
      expect(printed).toBe('198.51.100.7 first-untrusted\n')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
