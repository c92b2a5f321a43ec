import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fileWriter, truehop } from './command-line.js'

const write = fileWriter()
const lists = write('lists.json', { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })

const COMBINED =
  '10.0.0.5 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326 "http://www.example.com/" "Mozilla/4.08"'
const HAPROXY =
  'Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"'
const ALB =
  'http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - -'

async function replay(text: string, ...args: string[]) {
  const { code, out } = await truehop(['explain', '--policy', lists, '--json', ...args, '-'], {
    stdin: text,
  })
  return { code, report: JSON.parse(out) }
}

describe('lines of access logs', () => {
  // The examples of Apache's, HAProxy's and AWS's documentation, the peers as they stand there.
  test.each([
    ['combined', COMBINED],
    ['haproxy', HAPROXY],
  ])('%s of a proxy: without its header the client cannot be determined', async (format, line) => {
    for (const args of [[], ['--format', format]]) {
      const { code, report } = await replay(`${line}\n${line}\n`, ...args)
      expect(code).toBe(1)
      expect(report).toMatchObject({ requests: 0, unreadable: 2 })
      expect(report.unreadableExamples[0].fault).toContain('cannot be determined')
    }
  })

  test.each([
    ['combined', COMBINED],
    ['haproxy', HAPROXY],
    ['ecs', '{"source":{"ip":"10.0.0.5"},"http":{"request":{"method":"GET"}}}'],
  ])(
    '%s: that a log has no headers is not that a required one was missing',
    async (format, line) => {
      const required = write('required.json', {
        hops: [{ name: 'proxy', from: ['10.0.0.0/8'], asserts: 'x-forwarded-for', required: true }],
      })
      const { out } = await truehop(
        ['explain', '--policy', required, '--json', '--format', format, '-'],
        { stdin: `${line}\n${line}\n` },
      )
      expect(JSON.parse(out)).toMatchObject({ requests: 0, undetermined: 0, unreadable: 2 })
    },
  )

  test.each([
    ['alb', ALB, 'peer-untrusted'],
    ['combined', COMBINED.replace('10.0.0.5', '2001:db8::7'), 'peer-untrusted'],
    ['nginx', `${COMBINED} "6.6.6.6, 198.51.100.7"`, 'first-untrusted'],
    ['nginx', `${COMBINED} "-"`, 'header-missing'],
  ])('%s names its client: %s', async (format, line, reason) => {
    const { report } = await replay(`${line}\n${line}\n`, '--format', format)
    expect(report).toMatchObject({ unreadable: 0, outcomes: [{ reason, count: 2 }] })
  })

  test('says which lines have no client, as many as asked for', async () => {
    const entries = ['198.51.100.7', 'unknown', '198.51.100.8', '_hidden', 'unknown']
    const stdin = entries.map((entry) => `${COMBINED} "${entry}"\n`).join('')
    const { out, code } = await truehop(
      ['explain', '--policy', lists, '--format', 'nginx', '--show', '2', '-'],
      { stdin },
    )
    expect(code).toBe(1)
    expect(out).toMatch(/^2 +10\.0\.0\.5 +undetermined +unidentified-node$/m)
    expect(out).toMatch(/^4 +10\.0\.0\.5 +undetermined +unidentified-node$/m)
    expect(out).toContain('… and 1 more without a client (--show N shows more)')
    expect(out).not.toMatch(/^[135] +10/m)
  })

  test('a line of another format is unreadable', async () => {
    const { report } = await replay(`${COMBINED}\nnonsense\n`, '--format', 'combined')
    expect(report.unreadableExamples).toContainEqual({
      number: 2,
      fault: 'is not a line of the format combined',
    })
  })

  test.each(['"a\\', '10.0.0.5 ', '"'])('%j without end is read in time', async (part) => {
    const { code } = await replay(part.repeat(200_000), '--format', 'combined')
    expect(code).toBe(1)
  })

  test('a file that gzip wrote is read, whatever its name', async () => {
    const file = write('access.log', '')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(file, gzipSync(`${COMBINED} "198.51.100.7"\n`.repeat(3)))
    const { out } = await truehop(['explain', '--policy', lists, '--json', file])
    expect(JSON.parse(out)).toMatchObject({ requests: 3, unreadable: 0 })
    writeFileSync(file, readFileSync(file).subarray(0, 30))
    const { code, err } = await truehop(['explain', '--policy', lists, '--json', file])
    expect(code).toBe(2)
    expect(err).toContain('compressed')
  })
})

describe('an access log, where the policy reads PROXY headers', () => {
  const proxy = write('proxy.json', {
    hops: [{ from: ['10.0.0.0/8'], asserts: 'proxy-protocol' }],
  })
  const combined = `${COMBINED} "198.51.100.7"\n`
  const ecs = { source: { ip: '10.0.0.5' }, truehop: { headers: { via: ['1.1 a'] } } }
  const pino = { req: { remoteAddress: '10.0.0.5', headers: { host: 'a' } } }
  const har = {
    log: { entries: [{ request: { headers: [{ name: 'Host', value: 'a' }] } }] },
  }
  const jsonl = (record: object) => `${JSON.stringify(record)}\n`

  test.each([
    ['combined', combined.repeat(2), []],
    ['one line of combined', combined, []],
    ['HAProxy', `${HAPROXY}\n`.repeat(2), []],
    ['ECS', jsonl(ecs).repeat(2), []],
    ['pino', jsonl(pino).repeat(2), []],
    ['an archive', JSON.stringify(har), ['--peer', '10.0.0.5']],
  ])('does not tell the client: %s', async (_what, log, args) => {
    const { code, report } = await replay(log, '--policy', proxy, ...args)
    expect(code).toBe(1)
    expect(report.requests).toBe(0)
    expect(report.unreadableExamples[0].fault).toMatch(/no PROXY header.*--proxy/)
  })

  test('does not show what a new policy changes, where either of both reads them', async () => {
    for (const [one, other] of [
      [proxy, lists],
      [lists, proxy],
    ]) {
      const args = ['--policy', one ?? '', '--against', other ?? '']
      const { report } = await replay(combined.repeat(2), ...args)
      expect(report).toMatchObject({ requests: 0, unreadable: 2, against: { differences: 0 } })
    }
  })

  test.each([
    ['a peer of no rule', `${ALB}\n`.repeat(2), [], 'untrusted-peer'],
    ['one such line', `${ALB}\n`, [], 'untrusted-peer'],
    [
      'a record with the header',
      jsonl({ ...ecs, proxy: 'PROXY TCP4 198.51.100.7 10.0.0.5 1 2' }).repeat(2),
      [],
      'first-untrusted',
    ],
    [
      '--proxy',
      combined.repeat(2),
      ['--proxy', 'PROXY TCP4 198.51.100.7 10.0.0.5 1 2'],
      'first-untrusted',
    ],
    ['evidence of a receiver', jsonl({ peer: '10.0.0.5', headers: {} }), [], 'missing'],
  ])('tells the client, or that there is none, by %s', async (_what, log, args, reason) => {
    const { report } = await replay(log, '--policy', proxy, ...args)
    const [outcome] = report.outcomes ?? [report.refused ?? report.identity]
    expect(outcome.reason).toBe(reason)
  })
})

describe('records of JSON', () => {
  const ecs = { source: { address: '10.0.0.5', ip: '10.0.0.5' }, client: { ip: '198.51.100.7' } }

  test.each([
    ['ECS without headers', ecs, 'cannot be determined'],
    ['masked addresses', { ...ecs, truehop: { address: 'truncated' } }, 'masked'],
    ['a peer that is a number', { peer: 5, headers: {} }, 'socket peer'],
    ['headers that are a text', { peer: '10.0.0.5', headers: 'a: b' }, 'headers'],
    ['a header that is a number', { peer: '10.0.0.5', headers: { a: 5 } }, 'header a'],
  ])('%s: unreadable, not missing', async (_what, record, fault) => {
    const line = `${JSON.stringify(record)}\n`
    const { report } = await replay(line + line, '--format', 'jsonl')
    expect(report).toMatchObject({ unreadable: 2 })
    expect(report.unreadableExamples[0].fault).toContain(fault)
  })

  test('the headers in an ECS record of the access log are read', async () => {
    const line = JSON.stringify({
      ...ecs,
      truehop: { headers: { 'x-forwarded-for': ['198.51.100.7'] } },
    })
    const { report } = await replay(`${line}\n${line}\n`)
    expect(report).toMatchObject({ unreadable: 0, outcomes: [{ reason: 'first-untrusted' }] })
  })
})

test("a rule's name reaches the terminal escaped", async () => {
  const named = write('named.json', {
    hops: [{ name: 'a\u001b[2J', from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' }],
  })
  const args = [
    'explain',
    '--policy',
    named,
    '--peer',
    '10.0.0.5',
    '-H',
    'X-Forwarded-For: 192.0.2.1',
  ]
  const { out } = await truehop(args)
  expect(out).toContain('(rule a')
  expect(out).not.toContain('\u001b')
})
