import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { policyFromText, resolve } from '@truehop/identity'
import { describe, expect, test } from 'vitest'
import { fileWriter, truehop } from '../command-line.js'
import { start } from '../running.js'
import { FORGED, PLATFORMS, type Recorded, sampleOf } from './recorded.js'

const write = fileWriter()

const lines = (recorded: Recorded | undefined): string =>
  (recorded === undefined ? [] : sampleOf(recorded))
    .map(({ evidence: { peer, headers } }) => `${JSON.stringify({ peer, headers })}\n`)
    .join('')

const nginx = PLATFORMS.find(({ name }) => name === 'nginx')

describe('truehop suggest', () => {
  test('prints who connects, what is proposed and why, and what remains to be answered', async () => {
    const { code, out, err } = await truehop(['suggest', write('nginx.jsonl', lines(nginx))])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('40 requests\n')
    expect(out).toMatch(/private \(10\.0\.0\.0\/8\) +10\.0\.0\.5 +40 .*x-forwarded-for always/)
    expect(out).toContain('proxy: x-forwarded-for from 10.0.0.5\n')
    expect(out).toContain('x-forwarded-for is on all 40 requests from 10.0.0.5')
    expect(out).toMatch(/x-real-ip names somebody else on 10 of 40 requests, and is not read/)
    expect(out).toMatch(/It would name \d+ clients for 40 requests; 0 would be undetermined/)
    expect(out).toMatch(/\n… and \d+ more\n/)
    expect(out).toMatch(/10 requests claim more than is believed/)
    expect(out).toContain(`x-forwarded-for: ${FORGED}`)
    expect(out).toMatch(/Does anything but your proxy reach this port from 10\.0\.0\.5\?/)
  })

  test('writes a policy file, and replaces none unless it has to', async () => {
    const file = write('proposed.json', '{}')
    const log = write('nginx.jsonl', lines(nginx))
    const kept = await truehop(['suggest', '--output', file, log])
    expect(kept).toMatchObject({ code: 2, err: expect.stringMatching(/already exists.*--force/) })
    expect(readFileSync(file, 'utf8')).toBe('{}')
    expect(await truehop(['suggest', '--force', '--output', file, log])).toMatchObject({ code: 0 })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('$schema')
    const policy = policyFromText(readFileSync(file, 'utf8'), file)
    const headers = { 'x-forwarded-for': `${FORGED}, 198.51.100.7` }
    expect(resolve(policy, { peer: '10.0.0.5', headers }).ip).toBe('198.51.100.7')
  })

  test('writes nothing where nobody is trusted yet, and says why', async () => {
    const log = write('bare.jsonl', '{"peer":"10.0.0.5","headers":{}}\n')
    const { code, out, err } = await truehop(['suggest', '--output', `${log}.policy`, log])
    expect(code).toBe(2)
    expect(out).toContain('[not-always]')
    expect(err).toContain('nothing is written')
    expect(() => readFileSync(`${log}.policy`)).toThrow('ENOENT')
  })

  test('says of a platform that was named, and whose header is not there, that it does not fit', async () => {
    const record = '{"peer":"10.0.0.5","headers":{"x-forwarded-for":"198.51.100.7"}}\n'
    const { code, out } = await truehop([
      'suggest',
      '--platform',
      'fly',
      write('list.jsonl', record),
    ])
    expect(code).toBe(1)
    expect(out).toContain('No header that fly writes is on the one request from 10.0.0.5')
    expect(out).toContain('[platform-does-not-fit]')
  })

  test('names no peers without a header that is on all requests, and that hops only hand on', async () => {
    const record = '{"peer":"10.0.0.5","headers":{"x-azure-clientip":"198.51.100.7"}}\n'
    const { out } = await truehop(['suggest', write('handed-on.jsonl', record)])
    expect(out).toContain('x-azure-clientip is on 1 of 1 requests from 10.0.0.5')
    expect(out).toContain('Which header does the hop write itself?')
    expect(out).not.toContain('missing on others')
  })

  test('ends with a finding while a question keeps it from trusting', async () => {
    const log = write('bare.jsonl', '{"peer":"10.0.0.5","headers":{}}\n')
    const { code, out } = await truehop(['suggest', '--json', log])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ outcome: 'open', policy: { hops: [] }, requests: 1 })
  })

  test('says of an access log without headers that it shows peers alone', async () => {
    const line = '10.0.0.5 - - [30/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"\n'
    const { code, out } = await truehop(['suggest', '--json', write('access.log', line)])
    const { questions, outcome } = JSON.parse(out)
    expect({ code, outcome }).toEqual({ code: 1, outcome: 'open' })
    expect(questions.map((one: { code: string }) => one.code)).toEqual(['no-headers'])
  })

  test.each([
    [['--own', 'any'], /would trust everybody/],
    [['--own', '10.0.0.0/33'], /--own 10\.0\.0\.0\/33: .*33/],
    [['--platform', 'mainframe'], /argument 'mainframe' is invalid/],
    [['--forged', 'me'], /--forged me is not an address/],
  ])('refuses %j', async (options, message) => {
    const { code, err } = await truehop(['suggest', ...options, '-'])
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) })
  })

  test('does not lose one honest request among very many of an attacker', async () => {
    const forged = (n: number) =>
      `{"peer":"172.17.0.1","headers":{"x-forwarded-for":"192.0.2.${n % 200}","x-acme-visitor":"192.0.2.${n % 200}"}}\n`
    const sent = Array.from({ length: 30_000 }, (_, n) => forged(n))
    // Both at places of which thinning keeps none; the first one is the attacker's as well.
    sent[3] = '{"peer":"172.17.0.1","headers":{"x-acme-visitor":"192.0.2.1"}}\n'
    sent[20_005] = '{"peer":"172.17.0.1","headers":{"user-agent":"curl/8"}}\n'
    const file = write('flood.jsonl', sent.join(''))
    const { code, out } = await truehop(['suggest', '--json', file])
    const { requests, policy } = JSON.parse(out)
    expect({ code, requests, policy }).toMatchObject({ requests: 30_000 })
    // Nobody is trusted: no header is on every request.
    expect(policy.hops).toEqual([{ platform: 'docker' }])
  })

  test.each(['cf_connecting_ip', 'constructor', '__proto__', 'x y', 'nothing'])(
    'passes over a header that no policy can read: %s',
    async (name) => {
      const sample = [1, 2, 3].map(
        (n) => `{"peer":"10.0.0.5","headers":{${JSON.stringify(name)}:"198.51.100.${n}"}}`,
      )
      const { code, out } = await truehop(['suggest', '--json', write('odd', sample.join('\n'))])
      expect({ code, result: JSON.parse(out) }).toMatchObject({
        code: 1,
        result: { outcome: 'open', policy: { hops: [] }, questions: [{ code: 'not-always' }] },
      })
    },
  )

  test('follows an inspector to no other place', async () => {
    const asked: string[] = []
    const server = createServer(({ url = '' }, response) => {
      asked.push(url)
      response.writeHead(302, { location: '/inside' }).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { code, err } = await truehop(['suggest', `http://127.0.0.1:${port}/inspector/`])
    server.close()
    expect({ code, asked }).toEqual({ code: 2, asked: ['/inspector/snapshot.json'] })
    expect(err).toContain('is not an inspector that can be read: it answers 302')
  })

  test('escapes what a client sent', async () => {
    const nasty = `\u001b[31m${FORGED}`
    const sample = [0, 1, 2].map((n) =>
      JSON.stringify({
        peer: '10.0.0.5',
        headers: { 'x-forwarded-for': `${nasty}, 198.51.100.${n}` },
      }),
    )
    const { out } = await truehop(['suggest', write('nasty.jsonl', sample.join('\n'))])
    expect(out).toContain('\\x1b[31m')
    expect(out).not.toContain('\u001b')
  })

  test('reads what listen --record wrote, which holds no credentials', async () => {
    const file = write('seen.jsonl', '')
    const listening = await start('listen', '--record', file, '0')
    for (const [client, forged] of [
      ['198.51.100.7', []],
      ['198.51.100.8', [FORGED]],
      ['2001:db8::7', []],
    ] as const) {
      await get(listening.port, {
        'x-forwarded-for': [...forged, client].join(', '),
        authorization: 'Bearer secret',
        cookie: 'session=secret',
        'x-acme-visitor': client,
      })
    }
    await listening.end()
    const text = readFileSync(file, 'utf8')
    expect(text).not.toContain('secret')
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).peer),
    ).toEqual(Array.from({ length: 3 }, () => '127.0.0.1'))
    const { code, out } = await truehop(['suggest', '--json', file])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'proposed',
      policy: { hops: [{ name: 'proxy', from: ['loopback'], asserts: 'x-forwarded-for' }] },
      forged: { requests: 1 },
    })
  })

  test('records PROXY headers', async () => {
    const file = write('proxied.jsonl', '')
    const listening = await start('listen', '--record', file, '0')
    const relay = await start(
      'relay',
      '--listen',
      '0',
      '--to',
      `127.0.0.1:${listening.port}`,
      '--send',
      'v2',
    )
    await get(relay.port, {})
    await relay.end()
    await listening.end()
    const [line = ''] = readFileSync(file, 'utf8').split('\n')
    expect(JSON.parse(line)).toMatchObject({
      peer: '127.0.0.1',
      proxy: [expect.stringMatching(/^0d0a0d0a/)],
    })
  })
})

function get(port: number, headers: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', headers, agent: false }, (response) => {
      response.resume()
      response.once('end', resolve)
    })
    sent.once('error', reject)
    sent.end()
  })
}
