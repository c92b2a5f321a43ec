import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { platforms, policyFromText } from '@truehop/identity'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { run } from '../src/index.js'
import { truehop } from './command-line.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-init-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const policyIn = () => readFileSync(join(folder, 'truehop.policy.json'), 'utf8')

/** A person at a terminal who answers every question with the next line. */
async function answering(args: readonly string[], lines: readonly string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const left = [...lines]
  let asked = ''
  stderr.on('data', (chunk: Buffer) => {
    asked += chunk.toString()
    if (!chunk.toString().includes('> ')) return
    const line = left.shift()
    if (line === undefined) stdin.end()
    else stdin.write(`${line}\n`)
  })
  stdout.resume()
  const { signal } = new AbortController()
  const code = await run(args, { stdin, stdout, stderr, environment: {}, signal })
  return { code, asked }
}

describe('truehop init', () => {
  test.each(platforms.map(({ id, parameters }) => [id, parameters[0]?.required === true] as const))(
    'writes a policy for %s that is valid',
    async (id, needsFrom) => {
      const from = needsFrom ? ['--from', '10.0.0.0/16'] : []
      const args = ['init', '--platform', id, ...from, '--framework', 'express', folder]
      expect(await truehop(args)).toMatchObject({ code: 0, err: '' })
      const { hops } = policyFromText(policyIn(), 'truehop.policy.json').current
      // PM2 is not a hop.
      expect(hops.length > 0).toBe(id !== 'pm2')
      expect(readdirSync(folder).sort()).toEqual(['server.mjs', 'truehop.policy.json'])
    },
  )

  test('makes the folder that it writes into, and shows its name without control characters', async () => {
    const inner = join(folder, 'a', '\u001b[2J')
    const args = ['init', '--platform', 'none', '--framework', 'fastify', inner]
    const { code, out } = await truehop(args)
    expect(code).toBe(0)
    expect(readdirSync(inner).sort()).toEqual(['server.mjs', 'truehop.policy.json'])
    expect(out).not.toContain('\u001b')
  })

  test('says so where the folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '')
    const inner = join(folder, 'file', 'service')
    const args = ['init', '--platform', 'none', '--framework', 'fastify', inner]
    const { code, err } = await truehop(args)
    expect(code).toBe(2)
    expect(err).toContain(`${inner} cannot be created`)
  })

  test('asks what is in front and where that runs', async () => {
    writeFileSync(join(folder, 'package.json'), '{"dependencies":{"express":"^5.0.0"}}')
    const { code, asked } = await answering(['init', folder], ['nginx', 'loopback, 10.0.0.5'])
    expect(code).toBe(0)
    expect(asked).toMatch(/What is in front of the service\? One of aws-alb, .*none/)
    expect(asked).toMatch(/Where does it run\? Name `loopback`, or the host that nginx runs on/)
    expect(JSON.parse(policyIn())).toMatchObject({
      platform: 'nginx',
      from: ['loopback', '10.0.0.5'],
    })
    expect(readFileSync(join(folder, 'server.mjs'), 'utf8')).toContain("from 'express'")
  })

  test('asks once where the platform knows its peers', async () => {
    const { code } = await answering(['init', '--framework', 'fastify', folder], ['heroku'])
    expect(code).toBe(0)
    expect(JSON.parse(policyIn())).toMatchObject({ platform: 'heroku' })
  })

  test('names the platform that an answer probably means', async () => {
    const { code, asked } = await answering(['init', folder], ['alb'])
    expect(code).toBe(2)
    expect(asked).toMatch(/got 'alb'; write 'aws-alb'/)
  })

  test('trusts nobody where nothing is in front', async () => {
    await truehop(['init', '--platform', 'none', '--framework', 'fastify', folder])
    expect(JSON.parse(policyIn())).toMatchObject({ hops: [] })
  })

  test('replaces nothing without --force, and writes no half', async () => {
    const file = join(folder, 'server.mjs')
    writeFileSync(file, 'mine')
    const args = ['init', '--platform', 'heroku', '--framework', 'fastify', folder]
    expect(await truehop(args)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/server\.mjs already exists; write --force/),
    })
    expect(readdirSync(folder)).toEqual(['server.mjs'])
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect(await truehop([...args, '--force'])).toMatchObject({ code: 0 })
    expect(readFileSync(file, 'utf8')).toContain('@truehop/fastify')
  })

  test.each<[args: readonly string[], message: RegExp]>([
    [[], /there is no terminal to ask on; write --platform ID/],
    [['--platform', 'nginx'], /there is no terminal to ask on; write --from PREFIX/],
    [['--platform', 'heroku'], /names neither fastify nor express; write --framework/],
    [['--platform', 'mainframe'], /argument 'mainframe' is invalid/],
    [['--platform', 'cloudfare'], /write 'cloudflare'/],
    [
      ['--platform', 'nginx', '--from', '10.0.0.0/33', '--framework', 'express'],
      /that is not a policy: .*33/,
    ],
    [
      ['--platform', 'heroku', '--header', 'x-real-ip', '--framework', 'express'],
      /that is not a policy: .*header/,
    ],
  ])('says of %j what to write', async (args, message) => {
    const { code, err } = await truehop(['init', ...args, folder])
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) })
    expect(readdirSync(folder)).toEqual([])
  })

  test('ends where a person leaves the questions', async () => {
    const { code, asked } = await answering(['init', folder], [])
    expect(code).toBe(2)
    expect(asked).toContain('left unanswered')
  })
})
