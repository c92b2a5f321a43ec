import { createServer } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Answer, answerOf, bare, isWhole } from '../src/doctor/answer.js'
import { contractOf } from '../src/doctor/contract.js'
import { namedIn } from '../src/doctor/named.js'
import { type ProbeName, Probes } from '../src/doctor/probe.js'
import { findTarget, firstOpen } from '../src/doctor/target.js'
import { fileWriter, truehop } from './command-line.js'

const write = fileWriter()

const doctor = (...args: string[]) => truehop(['doctor', ...args])

async function listening(server: Server): Promise<string> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => open.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

describe('what doctor may probe', () => {
  test.each([
    '192.0.2.1:80',
    '[2001:db8::1]:80',
    '[::ffff:192.0.2.1]:80',
    '[64:ff9b::a00:1]:80',
    '172.32.0.1:80',
  ])('%s is refused without a word from who operates it', async (place) => {
    const { code, err } = await doctor(place)
    expect(code).toBe(2)
    expect(err).toContain('--yes-i-operate-this-host')
  })

  test('a link-local address keeps its zone, and the request does not show it', async () => {
    const place = { host: 'fe80::1%lo', port: 80 }
    const target = await findTarget(place, false)
    expect(target).toEqual({ place, address: 'fe80::1%lo' })
    const [plain] = new Probes(target, '/', false).contract()
    expect(plain?.sending.request?.toString()).toContain('\r\nHost: [fe80::1]:80\r\n')
  })

  test('of several addresses of a name the first one that listens is probed', async () => {
    const [, port = ''] = (await listening(createTcpServer((socket) => socket.end()))).split(':')
    const among = (...addresses: string[]) => firstOpen(addresses, Number(port))
    expect(await among('127.0.0.9', '127.0.0.1', '127.0.0.8')).toBe('127.0.0.1')
    expect(await among('127.0.0.9', '127.0.0.8')).toBe('127.0.0.9')
    expect(await among()).toBeUndefined()
  })

  test('a name is refused by the addresses it has', async () => {
    const server = createTcpServer((socket) => socket.end())
    const [, port] = (await listening(server)).split(':')
    expect((await doctor(`localhost:${port}`, '--timeout', '200')).code).toBe(1)
    expect((await doctor('nowhere.invalid:80')).err).toContain('cannot be looked up')
  })

  test.each([[['127.0.0.1']], [['::1:80']], [['127.0.0.1:80', '--path', 'a b']], [[]]])(
    '%j is wrong usage',
    async (args) => {
      expect((await doctor(...args)).code).toBe(2)
    },
  )
})

describe('a listener that speaks first', () => {
  // As Postfix does with smtpd_upstream_proxy_protocol = haproxy: it greets behind a header, and
  // turns away (421) what begins otherwise.
  test('and wants a header is seen to want it; a second header is for its client to explain', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes) => {
        const isHeader = bytes.subarray(0, 11).toString() === 'PROXY TCP4 '
        socket.end(isHeader ? '220 mail.example ESMTP\r\n' : '421 4.3.0 broken header\r\n')
      })
    })
    const { out } = await doctor('--json', '--timeout', '300', await listening(server))
    const { contract, findings } = JSON.parse(out)
    expect(contract).toMatchObject({ header: 'required', versions: [1] })
    const codes = findings.map(({ code }: { code: string }) => code)
    expect(codes).not.toContain('second-header-read')
  })

  test('and greets everybody reads no header', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.end('220 mail.example ESMTP\r\n')
    })
    const { out } = await doctor('--json', '--timeout', '300', await listening(server))
    expect(JSON.parse(out).contract).toMatchObject({ header: 'none', versions: [] })
  })
})

test.each([32_000, 64_000])('%i blanks within a field of an answer are read at once', (blanks) => {
  const value = `a${' '.repeat(blanks)}b`
  const text = `HTTP/1.1 200 OK\r\nX: ${value}\r\nContent-Type:\t${value} \t\r\n\r\n`
  expect(answerOf(text, 'closed').contentType).toBe(value)
})

describe('what doctor says', () => {
  test('of a port where nobody listens', async () => {
    const server = createTcpServer()
    const place = await listening(server)
    await new Promise((resolve) => server.close(resolve))
    const { code, out } = await doctor('--json', place)
    expect(code).toBe(1)
    const examination = JSON.parse(out)
    expect(examination.healthChecks[0]).toMatchObject({ check: 'TCP connect', passes: false })
    expect(examination).toMatchObject({
      contract: { header: 'unknown' },
      findings: [{ code: 'no-service', severity: 'error' }],
    })
  })

  test('of a listener that says nothing', async () => {
    const place = await listening(createTcpServer(() => {}))
    const { code, out } = await doctor('--json', '--timeout', '200', place)
    expect(code).toBe(1)
    const { probes, findings } = JSON.parse(out)
    expect(new Set(probes.map((p: { answer: { kind: string } }) => p.answer.kind))).toEqual(
      new Set(['silent']),
    )
    expect(findings).toMatchObject([{ code: 'no-service' }])
  })

  test('of a listener that sends without end', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      const more = () => {
        while (socket.writable && socket.write('x'.repeat(65_536)));
      }
      socket.on('drain', more)
      more()
    })
    const { out } = await doctor('--json', await listening(server))
    expect(JSON.parse(out).contract).toMatchObject({ header: 'none', versions: [] })
  })

  test('of a page that shows every header: it says nothing about trust', async () => {
    const server = createServer((request, response) =>
      response.end(JSON.stringify(request.headers)),
    )
    const { code, out } = await doctor('--json', await listening(server))
    expect(code).toBe(0)
    const codes = JSON.parse(out).findings.map(({ code }: { code: string }) => code)
    expect(codes).toEqual(['shows-headers', 'shows-headers'])
  })

  test('on a terminal: contract, probes, health checks', async () => {
    const server = createServer(({ socket }, response) => response.end(socket.remoteAddress))
    const { out } = await doctor(await listening(server))
    expect(out).toMatch(/^127\.0\.0\.1:\d+: no PROXY header$/m)
    expect(out).toMatch(/^no-header +a request without a header +HTTP 200 +127\.0\.0\.1$/m)
    expect(out).toMatch(/^HTTP behind version 2 +HTTP 400 +fails$/m)
    expect(out).toMatch(/^nothing to change$/m)
  })

  test.each([
    [404, 'Not Found'],
    [200, 'hello'],
    [302, ''],
  ])('of a page that shows no client: not that all is well (%i)', async (status, text) => {
    const server = createServer((_request, response) => response.writeHead(status).end(text))
    const { code, out } = await doctor(await listening(server))
    expect(code).toBe(0)
    expect(out).not.toContain('nothing to change')
    expect(out).toMatch(/^info \/ is answered HTTP \d+ .* --path \/whoami .*\[client-not-seen\]$/m)
  })

  test('of a policy that there was no page to compare with: a finding', async () => {
    const policy = write('hops.json', { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    const server = createServer((_request, response) => response.writeHead(404).end())
    const { code, out } = await doctor('--json', '--policy', policy, await listening(server))
    expect(code).toBe(1)
    expect(JSON.parse(out).findings).toMatchObject([
      { code: 'client-not-seen', severity: 'warning' },
    ])
  })
})

describe('the contract', () => {
  const ok = answerOf('HTTP/1.1 200 OK\r\n\r\n', 'closed')
  const bad = answerOf('HTTP/1.1 400 Bad Request\r\n\r\n', 'closed')
  const problem = answerOf(
    'HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n\r\n',
    'closed',
  )
  const closed = bare('closed')
  const tls = bare('tls')

  type Given = Partial<Record<ProbeName, Answer>>
  const COMPARED = ['no-header', 'v1', 'v1-control', 'v2', 'v2-control', 'garbage'] as const
  const silence = Object.fromEntries(COMPARED.map((name) => [name, bare('silent')]))
  const refusing: Given = {
    garbage: closed,
    'v1-control': closed,
    'v2-control': closed,
    tls: closed,
    'header-tls': closed,
  }
  const parsing: Given = {
    garbage: bad,
    'v1-control': bad,
    'v2-control': bad,
    v1: bad,
    v2: bad,
    tls: closed,
    'header-tls': closed,
  }

  test.each<[string, Given, object]>([
    [
      'a plain server',
      { ...parsing, 'no-header': ok },
      { header: 'none', versions: [], tls: 'none' },
    ],
    [
      'a plain server that refuses every request',
      { ...parsing, 'no-header': problem },
      { header: 'none' },
    ],
    [
      'a required header',
      { ...refusing, 'no-header': closed, v1: ok, v2: ok },
      { header: 'required', versions: [1, 2] },
    ],
    [
      'one version',
      { ...refusing, 'no-header': closed, v1: ok, v2: closed },
      { header: 'required', versions: [1] },
    ],
    [
      'an application that refuses everybody',
      { ...refusing, 'no-header': closed, v1: problem, v2: problem },
      { header: 'required' },
    ],
    [
      'an optional header',
      { ...parsing, 'no-header': ok, v1: ok, v2: ok },
      { header: 'optional', versions: [1, 2] },
    ],
    [
      'a server that answers everything alike',
      {
        ...parsing,
        garbage: ok,
        'no-header': ok,
        v1: ok,
        v2: ok,
        'v1-control': ok,
        'v2-control': ok,
      },
      { header: 'none', versions: [] },
    ],
    ['nobody', {}, { header: 'unknown', versions: [], tls: 'unknown' }],
    [
      'a port of TLS that answers requests in the clear with 400',
      { ...parsing, 'no-header': bad, tls },
      { header: 'unknown', tls: 'direct' },
    ],
    [
      'TLS inside',
      { ...refusing, 'no-header': closed, v1: ok, v2: ok, 'header-tls': tls },
      { header: 'required', tls: 'inside' },
    ],
    [
      'no control of one version: nothing to compare with',
      { ...refusing, 'no-header': closed, v1: ok, v2: ok, 'v1-control': bare('unreachable') },
      { header: 'unknown' },
    ],
    [
      'no connection for one version: it may well be read',
      { ...parsing, 'no-header': ok, v2: bare('unreachable') },
      { header: 'unknown' },
    ],
    [
      'no connection without a header: whether one is required is not known',
      { ...refusing, 'no-header': bare('unreachable'), v1: ok, v2: ok },
      { header: 'unknown', versions: [1, 2] },
    ],
    [
      '400 for a request, and nothing to compare it with',
      { ...parsing, 'no-header': problem, garbage: bare('unreachable') },
      { header: 'unknown' },
    ],
    [
      'no handshake that got a connection',
      { ...parsing, 'no-header': ok, tls: bare('unreachable'), 'header-tls': bare('unreachable') },
      { header: 'none', tls: 'unknown' },
    ],
    [
      'silence either way',
      { ...silence, tls: bare('silent'), 'header-tls': bare('silent') },
      { header: 'unknown', versions: [], tls: 'none' },
    ],
    [
      'a control that is merely late',
      { ...parsing, 'no-header': ok, v1: ok, v2: ok, 'v1-control': bare('silent') },
      { header: 'unknown', versions: [2] },
    ],
    [
      'a header that is left waiting, and its control is not',
      { ...parsing, 'no-header': ok, v1: bare('silent') },
      { header: 'unknown', versions: [] },
    ],
    [
      'one version that is left waiting behind a required header',
      { ...refusing, 'no-header': closed, v1: bare('silent'), v2: ok },
      { header: 'unknown', versions: [2] },
    ],
    [
      'a header and its control left waiting alike',
      { ...parsing, 'no-header': ok, v2: bare('silent'), 'v2-control': bare('silent') },
      { header: 'none', versions: [] },
    ],
    [
      'a required header, where silence refuses',
      { ...silence, v1: ok, v2: ok, tls: closed, 'header-tls': closed },
      { header: 'required', versions: [1, 2] },
    ],
    [
      'a required header, where a broken one is left waiting for the rest',
      { ...silence, 'no-header': closed, v1: ok, v2: ok },
      { header: 'required', versions: [1, 2] },
    ],
    [
      '400 for a request, and silence to compare it with',
      { ...parsing, 'no-header': bad, v2: ok, garbage: bare('silent') },
      { header: 'unknown' },
    ],
    ...(['421 4.3.0 no', '554 no', '-ERR no', '* BYE no'] as const).map(
      (text): [string, Given, object] => [
        `a service that turns everybody away with ${text}`,
        Object.fromEntries(COMPARED.map((name) => [name, answerOf(`${text}\r\n`, 'closed')])),
        { header: 'unknown', versions: [] },
      ],
    ),
    ...(['220 hello', '+OK hello', '* OK hello', 'SSH-2.0-x'] as const).map(
      (text): [string, Given, object] => [
        `a service that greets everybody with ${text}`,
        Object.fromEntries(COMPARED.map((name) => [name, answerOf(`${text}\r\n`, 'closed')])),
        { header: 'none', versions: [] },
      ],
    ),
  ])('%s', (_what, given, expected) => {
    const answers = new Map(
      Object.entries(given).map(([name, answer]) => [name as ProbeName, { answer }]),
    )
    expect(contractOf(answers)).toMatchObject(expected)
  })
})

describe('a finding needs its control', () => {
  /** Serves whoever comes behind a header of version 2, whatever it sends then. */
  const careless = (refuses: (bytes: Buffer) => boolean = () => false) =>
    createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes) => {
        const isHeader = bytes.subarray(4, 12).toString('latin1') === '\0\r\nQUIT\n'
        if (isHeader && !refuses(bytes)) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
        else socket.destroy()
      })
    })

  test('a listener that serves any bytes after a header has not read a second one', async () => {
    const { out } = await doctor('--json', '--timeout', '300', await listening(careless()))
    const { contract, findings } = JSON.parse(out)
    expect(contract).toMatchObject({ header: 'required', versions: [2] })
    const codes = findings.map(({ code }: { code: string }) => code)
    expect(codes).not.toContain('second-header-read')
  })

  test('a listener that serves a second header, but not a broken one, has read it', async () => {
    const server = careless((bytes) => bytes.includes('QUIX'))
    const { out } = await doctor('--json', '--timeout', '300', await listening(server))
    const codes = JSON.parse(out).findings.map(({ code }: { code: string }) => code)
    expect(codes).toContain('second-header-read')
  })

  /** Answers everything alike, and the first `count` connections that send `word` never. */
  const lateFor = (word: string, count: number) => {
    let left = count
    return createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes) => {
        if (bytes.includes(word) && left > 0) left--
        else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      })
    })
  }

  test.each(['PROXX', 'QUIX', 'PROXY', 'QUIT', 'garbage'])(
    'a listener that is late for %s once is asked again, and reads no header',
    async (word) => {
      const { out } = await doctor('--json', '--timeout', '1000', await listening(lateFor(word, 1)))
      expect(JSON.parse(out).contract).toMatchObject({ header: 'none', versions: [] })
    },
  )

  test.each([
    ['PROXX', 'v1-control'],
    ['QUIX', 'v2-control'],
    ['PROXY', 'v1'],
  ])('a listener that never answers %s gets no verdict', async (word, probe) => {
    const { code, out } = await doctor(
      '--json',
      '--timeout',
      '500',
      await listening(lateFor(word, 2)),
    )
    expect(code).toBe(1)
    const { contract, findings } = JSON.parse(out)
    expect(contract).toMatchObject({ header: 'unknown', versions: [] })
    expect(findings[0]).toMatchObject({ code: 'no-verdict', severity: 'error' })
    expect(findings[0].message).toMatch(`${probe} got no answer in time`)
  })

  test('a second header whose control is merely late was not read', async () => {
    const isBrokenSecond = (bytes: Buffer) => bytes.includes('QUIT') && bytes.includes('QUIX')
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes) => {
        if (isBrokenSecond(bytes)) return
        if (bytes.includes('QUIT')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
        else socket.destroy()
      })
    })
    const { out } = await doctor('--json', '--timeout', '500', await listening(server))
    const { contract, findings } = JSON.parse(out)
    expect(contract).toMatchObject({ header: 'required', versions: [2] })
    const codes = findings.map(({ code }: { code: string }) => code)
    expect(codes).not.toContain('second-header-read')
  })

  test('a probe that got no connection was not refused', async () => {
    let left = 8
    const server = careless()
    const place = await listening(server)
    server.on('connection', () => {
      left--
      if (left === 0) server.close()
    })
    const { out } = await doctor('--json', '--timeout', '300', place)
    const { findings } = JSON.parse(out)
    const codes = findings.map(({ code }: { code: string }) => code)
    for (const code of ['local-refused', 'split-refused', 'unknown-tlv-refused']) {
      expect(codes).not.toContain(code)
    }
  })

  test('a listener that goes away between two probes gets no verdict', async () => {
    const server = careless()
    const place = await listening(server)
    server.once('connection', () => server.close())
    const { code, out } = await doctor('--json', '--timeout', '300', place)
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      contract: { header: 'unknown' },
      findings: [{ code: 'no-verdict', severity: 'error' }],
    })
  })
})

describe('an answer', () => {
  test.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab', true],
    ['HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab', false],
    ['HTTP/1.1 200 OK\r\n\r\nab', false],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n', false],
    ['no HTTP\r\n\r\n', false],
  ])('%j is whole: %s', (text, expected) => {
    expect(isWhole(text)).toBe(expected)
  })

  test.each([
    ['{"client":"192.0.2.6"}', ['192.0.2.6']],
    ['client:192.0.2.6', ['192.0.2.6']],
    ['64:ff9b::192.0.2.6', []],
    ['192.0.2.66', []],
    ['1192.0.2.6', []],
    ['192.0.2.6:80, 192.0.2.7.', ['192.0.2.6', '192.0.2.7']],
    ['::ffff:192.0.2.6', ['192.0.2.6']],
    ['client=192.0.2.6.5', []],
    ['', []],
  ])('%j shows %j', (text, expected) => {
    expect(namedIn(text, ['192.0.2.6', '192.0.2.7', ''])).toEqual(expected)
  })
})
