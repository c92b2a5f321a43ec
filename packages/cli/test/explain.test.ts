import { describe, expect, test } from 'vitest'
import { fileWriter, truehop } from './command-line.js'

const write = fileWriter()
const policy = write('policy.json', {
  hops: [
    { name: 'nlb', from: ['10.0.0.0/16'], asserts: 'proxy-protocol' },
    { name: 'edge', from: ['173.245.48.0/20'], asserts: 'cf-connecting-ip' },
  ],
})
const lists = write('lists.json', { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
const explain = (...args: string[]) => truehop(['explain', ...args])

const PROXY = 'PROXY TCP4 173.245.48.9 10.0.0.5 4711 443'
/** The same header in version 2, laid out by hand: signature, PROXY, INET STREAM, 12 bytes. */
const PROXY_V2 = '0d0a0d0a000d0a515549540a 2111 000c adf53009 0a000005 1267 01bb'

describe('truehop explain, one walk', () => {
  test.each([
    ['--proxy', PROXY],
    ['--proxy', `${PROXY}\r\n`],
    ['--proxy-hex', PROXY_V2],
  ])('%s %j is read, and the client named', async (option, header) => {
    const args = ['--policy', policy, '--peer', '10.0.0.5', option, header]
    const { code, out } = await explain(...args, '-H', 'CF-Connecting-IP: 198.51.100.7')
    expect(code).toBe(0)
    expect(out).toMatch(/^client +198\.51\.100\.7 +first-untrusted$/m)
  })

  test('headers are read in the order of the command line, whatever their option', async () => {
    const chain = write('chain.json', {
      hops: [{ from: ['10.0.0.0/8', '173.245.48.0/20'], asserts: 'proxy-protocol' }],
      proxyProtocol: { maxHeaders: 2 },
    })
    const inner = 'PROXY TCP4 198.51.100.7 173.245.48.9 1 2'
    const args = ['--policy', chain, '--peer', '10.0.0.5']
    const { out } = await explain(...args, '--proxy-hex', PROXY_V2, '--proxy', inner)
    expect(out).toMatch(/^client +198\.51\.100\.7/m)
  })

  test('--json gives the walk', async () => {
    const args = ['--policy', lists, '--peer', '::ffff:10.0.0.5', '--json']
    const { code, out } = await explain(...args, '-H', 'X-Forwarded-For: 6.6.6.6, 198.51.100.7')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      identity: { status: 'resolved', ip: '198.51.100.7', peer: '10.0.0.5', protocol: 'http' },
      steps: [{ node: '10.0.0.5', entry: '198.51.100.7' }],
      ignored: [{ source: 'x-forwarded-for', text: '6.6.6.6', why: 'beyond-the-client' }],
    })
  })

  test('an undetermined client is a finding', async () => {
    const args = ['--policy', lists, '--peer', '10.0.0.5', '-H', 'X-Forwarded-For: unknown']
    expect((await explain(...args)).code).toBe(1)
  })

  test('a second policy that answers otherwise is a finding', async () => {
    const args = ['--policy', lists, '--against', policy, '--peer', '10.0.0.5']
    const proxied = [...args, '--proxy', 'PROXY UNKNOWN']
    expect((await explain(...proxied)).code).toBe(0)
    expect((await explain(...proxied, '-H', 'X-Forwarded-For: 192.0.2.1')).code).toBe(1)
  })

  test('a connection that the receiver would refuse is a finding, and has no client', async () => {
    const args = ['--policy', policy, '--peer', '192.0.2.9']
    const { code, out } = await explain(...args)
    expect(code).toBe(1)
    expect(out).toMatch(
      /^peer {6}192\.0\.2\.9\nrefused {3}untrusted-peer\n {2}192\.0\.2\.9 is named by no/,
    )
    expect(out).not.toMatch(/^client/m)
    const { refused } = JSON.parse((await explain(...args, '--json')).out)
    expect(refused).toEqual({
      reason: 'untrusted-peer',
      message: expect.stringContaining('direct'),
    })
  })

  test('a second policy that would refuse the connection is a finding, for one and for many', async () => {
    const args = ['--policy', lists, '--against', policy]
    const one = await explain(...args, '--peer', '10.0.0.5', '-H', 'Host: a')
    expect(one.code).toBe(1)
    expect(one.out).toMatch(/^against\n[\s\S]*refused {3}http-without-header/m)
    const record = `${JSON.stringify({ peer: '192.0.2.9', headers: { host: 'a' } })}\n`
    const log = write('refused.jsonl', record.repeat(3))
    const many = await explain(...args, '--json', log)
    expect(many.code).toBe(1)
    expect(JSON.parse(many.out)).toMatchObject({
      requests: 3,
      refused: 0,
      against: {
        refused: 3,
        differences: 3,
        outcomes: [{ status: 'refused', reason: 'untrusted-peer', count: 3 }],
        examples: [{ before: { client: '192.0.2.9' }, after: { client: 'refused' } }, {}, {}],
      },
    })
    expect((await explain(...args, log)).out).toContain(
      '3 refused by the receiver of PROXY headers',
    )
  })

  test('colours are for terminals, and not for those who want none', async () => {
    const args = ['explain', '--policy', lists, '--peer', '192.0.2.1']
    const colour = '\u001b['
    expect((await truehop(args)).out).not.toContain(colour)
    expect((await truehop(args, { tty: true })).out).toContain(colour)
    for (const environment of [
      { NO_COLOR: '1' },
      { FORCE_COLOR: '0' },
      { TERM: 'dumb' },
      { NO_COLOR: '1', FORCE_COLOR: '1' },
    ]) {
      expect((await truehop(args, { tty: true, environment })).out).not.toContain(colour)
    }
    const environment = { FORCE_COLOR: '1', TERM: 'dumb' }
    expect((await truehop(args, { environment })).out).toContain(colour)
  })

  test('what a client sent reaches the terminal without control characters', async () => {
    const args = [
      '--policy',
      lists,
      '--peer',
      '10.0.0.5',
      '-H',
      'X-Forwarded-For: \u001b[2J\u009b1m',
    ]
    const { out } = await explain(...args)
    expect(out).toContain('u001b[2J')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })

  test('nor in JSON, which says the same', async () => {
    const value = '\u001b[2J\u009b1m\u007f\u202e1.2.3.4\u2028\u{1f600}\ud800'
    const record = JSON.stringify({ peer: '10.0.0.5', headers: { 'x-forwarded-for': value } })
    const { out } = await explain('--policy', lists, '--json', write('evil.jsonl', record))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/)
    expect(JSON.parse(out).steps[0].entry).toBe(value)
  })

  test('the policy may come from the environment', async () => {
    const environment = { TRUEHOP_TRUST: '10.0.0.0/8', TRUEHOP_HEADER: 'x-forwarded-for' }
    const args = ['explain', '--peer', '10.0.0.5', '-H', 'X-Forwarded-For: 192.0.2.1']
    expect((await truehop(args, { environment })).out).toMatch(/^client +192\.0\.2\.1/m)
  })

  test.each([
    ['no policy', ['--peer', '10.0.0.5'], /--policy FILE/],
    ['no peer', ['--policy', lists], /--peer ADDRESS/],
    ['a peer that is none', ['--policy', lists, '--peer', '010.0.0.5'], /is not an address/],
    ['a file that is not there', ['--policy', lists, 'nowhere.jsonl'], /no such file/],
    ['a file with too long a name', ['--policy', lists, 'n'.repeat(300)], /cannot be read/],
    ['a folder', ['--policy', lists, '.'], /cannot be read: EISDIR/],
    [
      'a policy that is not there',
      ['--policy', 'nowhere.json', '--peer', '::1'],
      /nowhere\.json cannot be read/,
    ],
    ['a header without a colon', ['-H', 'nonsense'], /is not a header/],
    ['half a PROXY header', ['--proxy', 'PROXY TCP4 1.2.3.4'], /--proxy: .*\[v1_/],
    ['bytes that are none', ['--proxy-hex', 'abc'], /two digits each/],
    ['bytes behind the header', ['--proxy-hex', `${PROXY_V2}00`], /bytes after the header/],
    ['an unknown option', ['--polcy', 'x'], /unknown option/],
    ['an unknown format', ['--format', 'xml'], /auto, http, har, jsonl/],
  ])('%s is wrong usage', async (_what, args, message) => {
    const { code, err, out } = await explain(...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(message)
  })
})

describe('truehop explain, a file', () => {
  const args = ['explain', '--policy', lists]

  test.each([
    ['\r\n', ''],
    ['\n', ''],
    ['\r\n', 'PROXY UNKNOWN\r\n'],
    ['\n', 'PROXY UNKNOWN\n'],
  ])('a raw request with %j after lines and %j before it', async (end, before) => {
    const lines = [
      'GET /a HTTP/1.1',
      'Host: x',
      'x-forwarded-for: 192.0.2.1',
      'X-Forwarded-For:192.0.2.2',
      '',
      'body: 1',
    ]
    const stdin = before + lines.join(end)
    const { code, out } = await truehop([...args, '--peer', '10.0.0.5', '-'], { stdin })
    expect(code).toBe(0)
    expect(out).toMatch(/^client +192\.0\.2\.2 +first-untrusted/m)
    if (before !== '') expect(out).toMatch(/^ignored +proxy-protocol: v1 PROXY UNSPEC/m)
  })

  test('a line that is not a header line is named', async () => {
    const stdin = 'GET / HTTP/1.1\nHost x\n\n'
    const { code, err } = await truehop([...args, '--peer', '10.0.0.5', '-'], { stdin })
    expect(code).toBe(2)
    expect(err).toContain('line 2')
  })

  test('records of several logs are replayed, and what cannot be read is named', async () => {
    const xff = '192.0.2.1'
    const records: unknown[] = [
      { peer: '10.0.0.5', headers: { 'X-Forwarded-For': xff } },
      { 'network.peer.address': '10.0.0.5', 'http.request.header.x-forwarded-for': [xff] },
      { source: { ip: '10.0.0.5' }, http: { request: { headers: { 'x-forwarded-for': xff } } } },
      { remote_addr: '10.0.0.5', http_x_forwarded_for: xff, http_forwarded: '-' },
      { req: { remoteAddress: '::ffff:10.0.0.5', headers: { 'x-forwarded-for': xff } } },
      { request: { remote_ip: '10.0.0.5', headers: { 'X-Forwarded-For': [xff] } } },
      { remoteAddress: '10.0.0.5:4711', headers: [{ name: 'X-Forwarded-For', value: xff }] },
      { peer: '192.0.2.9' },
      { peer: '10.0.0.5', headers: { 'x-forwarded-for': 'unknown' } },
      { peer: '10.0.0.5', proxy: 'PROXY UNKNOWN' },
      {},
      [],
      { peer: '10.0.0.5', proxy: 'PROXY nonsense' },
    ]
    const text = `${records.map((record) => JSON.stringify(record)).join('\n')}\n\nno json\n`
    const { code, out } = await truehop([...args, '--json', write('access.jsonl', text)])
    expect(code).toBe(1)
    const report = JSON.parse(out)
    expect(report).toMatchObject({ requests: 10, undetermined: 1, unreadable: 4 })
    expect(report.outcomes[0]).toMatchObject({ reason: 'first-untrusted', count: 7 })
    expect(report.unreadableExamples.map(({ number }: { number: number }) => number)).toEqual([
      11, 12, 13, 15,
    ])
  })

  test('a HAR is replayed as of the peer that is given', async () => {
    const entry = (value: string) => ({
      request: { headers: [{ name: 'X-Forwarded-For', value }] },
    })
    const log = { log: { version: '1.2', entries: [entry('192.0.2.1'), entry('192.0.2.2')] } }
    for (const text of [JSON.stringify(log), JSON.stringify(log, null, 2)]) {
      const file = write('requests.har', text)
      const { code, out } = await truehop([...args, '--peer', '10.0.0.5', '--json', file])
      expect(code).toBe(0)
      expect(JSON.parse(out).outcomes).toMatchObject([{ reason: 'first-untrusted', count: 2 }])
    }
  })

  test('an archive needs a peer, and an entry of it a request', async () => {
    const entries = [null, {}, { request: null }, { request: { headers: [] } }]
    const file = write('odd.har', { log: { entries } })
    const { code, err } = await truehop([...args, file])
    expect([code, err]).toEqual([2, expect.stringContaining('write --peer ADDRESS')])
    const { out } = await truehop([...args, '--peer', '10.0.0.5', '--json', file])
    expect(JSON.parse(out)).toMatchObject({ requests: 1, unreadable: 3 })
  })

  test.each([
    ['a log', '{"peer":"10.0.0.5"}\n{"peer":"10.0.0.6"}\n', /^2 requests/],
    ['an archive', '{\n"log": { "entries": [\n] } }', /^0 requests/],
    ['a request', 'GET / HTTP/1.1\n\n', /^client +10\.0\.0\.5/m],
  ])('%s may begin with the mark of UTF-8', async (_what, text, expected) => {
    const { code, out } = await truehop([...args, '--peer', '10.0.0.5', '-'], {
      stdin: `\u00ef\u00bb\u00bf${text}`,
    })
    expect(code).toBe(0)
    expect(out).toMatch(expected)
  })

  test('an empty input is not a log, unless it is said to be one', async () => {
    const { code, err } = await truehop([...args, '-'])
    expect([code, err]).toEqual([2, expect.stringContaining('write --format jsonl')])
    expect((await truehop([...args, '--format', 'jsonl', '-'])).code).toBe(0)
  })

  test('differences between two policies are counted and shown', async () => {
    const nobody = write('nobody.json', { hops: [] })
    const line = (xff: string) =>
      JSON.stringify({ peer: '10.0.0.5', headers: { 'x-forwarded-for': xff } })
    const log = write(
      'many.jsonl',
      Array.from({ length: 30 }, (_, n) => line(`192.0.2.${n}`)).join('\n'),
    )
    const { code, out } = await truehop([...args, '--against', nobody, '--show', '3', log])
    expect(code).toBe(1)
    expect(out).toContain('0 undetermined, 30 different')
    expect(out).toMatch(
      /^1 +10\.0\.0\.5 +192\.0\.2\.0 +first-untrusted +10\.0\.0\.5 +peer-untrusted$/m,
    )
    expect(out).toContain('… and 27 more different')
  })

  test('a terminal sees a progress bar, on standard error, and it goes', async () => {
    const log = write('few.jsonl', '{"peer":"10.0.0.5"}\n{"peer":"10.0.0.6"}\n')
    const { err, out } = await truehop([...args, log], { tty: true })
    expect(err).toContain('100% of 1 KiB')
    expect(out).toContain('2 requests')
    expect((await truehop([...args, log])).err).toBe('')
    // DECAWM off: Ctrl-C would leave the terminal without line wrapping.
    expect(err).not.toContain('\u001b[?7l')
  })
})

test('--questions answers from the policy, rule by rule', async () => {
  const policy = {
    hops: [
      { name: 'nlb', from: ['10.0.0.0/16'], asserts: 'proxy-protocol' },
      { name: 'edge', from: ['private', '198.51.100.0/24'], asserts: 'x-real-ip', original: [] },
    ],
  }
  const args = ['explain', '--policy', write('questions.json', policy), '--questions']
  const { code, out } = await truehop([...args, '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(out).questions).toMatchObject([
    { rule: 'nlb', field: 'the PROXY header of the connection', assertedBy: ['10.0.0.0/16'] },
    { rule: 'edge', assertedBy: ['private', '198.51.100.0/24'] },
  ])
  const shown = await truehop(args)
  expect(shown.out).toContain('Who may assert it?             private, 198.51.100.0/24')
})
