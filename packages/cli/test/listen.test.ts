import { once } from 'node:events'
import { request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { proxyLine, UNKNOWN_LINE } from '../../../test/bytes/proxy-header.js'
import { helloOf } from './client-hello.js'
import { fileWriter, truehop } from './command-line.js'
import { start } from './running.js'

const write = fileWriter()

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

async function send(port: number, bytes: string, end = true): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.write(bytes, 'latin1')
  if (end) socket.end()
  return textOf(socket)
}

describe('truehop listen', () => {
  test('prints a header and the request behind it, and answers it', async () => {
    const listener = await start('listen', '0')
    const bytes =
      'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET /a\u001b[2J HTTP/1.1\r\nX: \u001b[2J\r\n\r\n'
    const answer = await send(listener.port, bytes)
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(answer).toContain('seen: HTTP request  GET /a\\x1b[2J HTTP/1.1\n')
    await listener.printed(/X: \\x1b\[2J/)
    expect(listener.out()).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z #1 from 127\.0\.0\.1:\d+, \d+ bytes$/m,
    )
    expect(listener.out()).toMatch(/^ +0 {2}PROXY header {2}v1 PROXY INET STREAM, 36 bytes$/m)
    expect((await listener.end()).code).toBe(0)
  })

  test('Node ends a request happily, with and without a body', async () => {
    const { port } = await start('listen', '0')
    for (const method of ['GET', 'POST', 'HEAD']) {
      const asked = request({ host: '127.0.0.1', port, method })
      asked.end(method === 'POST' ? 'x'.repeat(1_000_000) : undefined)
      const [answer] = await once(asked, 'response')
      answer.resume()
      await once(answer, 'end')
      expect(answer.statusCode).toBe(200)
    }
  })

  test('--json --count: objects, one a line, then it ends', async () => {
    const listener = await start('listen', '--json', '--count', '2', '0')
    await send(listener.port, UNKNOWN_LINE)
    await send(listener.port, 'hello')
    const { code, out } = await listener.ended
    expect(code).toBe(0)
    const [first, second] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(first).toMatchObject({
      time: ISO,
      number: 1,
      ended: 'closed',
      layers: [{ kind: 'proxy' }],
    })
    expect(second).toMatchObject({ time: ISO, layers: [{ kind: 'other', hex: '68656c6c6f' }] })
  })

  test.each([
    ['PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n', 'v1_bad_address'],
    ['\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0', 'v2_bad_version'],
  ])('the bytes of a malformed header are shown: %j', async (header, code) => {
    const listener = await start('listen', '0')
    const json = await start('listen', '--json', '0')
    for (const { port } of [listener, json]) connect(port, '127.0.0.1').end(header, 'latin1')
    const hex = Buffer.from(header, 'latin1').toString('hex')
    const [line] = await json.printed(/.+/)
    expect(JSON.parse(line).layers).toMatchObject([{ kind: 'malformed', code, hex }])
    const [, shown = ''] = await listener.printed(new RegExp(`\\[${code}\\]\\n(.*)\\n`))
    expect(shown.replace(/[^\da-f]/g, '')).toContain(hex.slice(0, 16))
  })

  test('TLS is answered, and what is inside printed, a PROXY header too', async () => {
    const listener = await start('listen', '--json', '0')
    const client = connectTls({
      host: '127.0.0.1',
      port: listener.port,
      servername: 'a.example',
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
    })
    client.end(`${proxyLine('192.0.2.1', '192.0.2.2', [1, 2])}GET /inside HTTP/1.1\r\n\r\n`)
    expect(await textOf(client)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*GET \/inside/)
    const [line] = await listener.printed(/.+/)
    expect(JSON.parse(line)).toMatchObject({
      layers: [{ kind: 'tls', hello: { serverName: 'a.example' } }],
      tls: {
        protocol: 'TLSv1.3',
        alpn: 'http/1.1',
        layers: [
          { kind: 'proxy', offset: 0 },
          { kind: 'http', offset: 36, head: { target: '/inside' } },
        ],
      },
    })
  })

  test('HTTP/2 is answered, and each request printed', async () => {
    const listener = await start('listen', '--json', '0')
    const session = connectHttp2(`http://127.0.0.1:${listener.port}`)
    const texts = ['/a', '/b'].map((path) =>
      textOf(session.request({ ':path': path, 'x-forwarded-for': '192.0.2.1' })),
    )
    expect(await Promise.all(texts)).toEqual([
      'seen: HTTP/2 request  GET /a\n',
      'seen: HTTP/2 request  GET /b\n',
    ])
    session.close()
    const [lines] = await listener.printed(/.+\n.+\n/)
    const [{ layers, ...from }, further] = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(layers).toMatchObject([
      { kind: 'http2', request: { stream: 1, method: 'GET', path: '/a' } },
    ])
    expect(layers[0].request.headers).toContainEqual(['x-forwarded-for', '192.0.2.1'])
    const { number, peer, peerPort } = from
    expect(further).toMatchObject({
      time: ISO,
      number,
      peer,
      peerPort,
      request: { stream: 3, path: '/b' },
    })
    expect(further.request.headers).toContainEqual(['x-forwarded-for', '192.0.2.1'])
  })

  test('a stream that is reset in the read which ends it does not end the process', async () => {
    const listener = await start('listen', '0')
    const client = connect(listener.port, '127.0.0.1')
    // Preface, SETTINGS, HEADERS (POST, http, /, a), DATA with END_STREAM, RST_STREAM (CANCEL).
    const hex =
      '000000040000000000 000006010400000001 838684010161 000001000100000001 61 000004030000000001 00000008'
    const frames = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    client.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frames]))
    await listener.printed(/HTTP\/2 request {2}POST \//)
    client.destroy()
    const session = connectHttp2(`http://127.0.0.1:${listener.port}`)
    expect(await textOf(session.request({ ':path': '/a' }))).toBe('seen: HTTP/2 request  GET /a\n')
    session.close()
  })

  test('a further request is printed without control characters, and under its connection', async () => {
    const listener = await start('listen', '0')
    const session = connectHttp2(`http://127.0.0.1:${listener.port}`)
    await textOf(session.request({ ':path': '/a' }))
    await textOf(session.request({ ':path': '/b', 'x-client': 'a\u009bb' }))
    session.close()
    await listener.printed(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z #1 from 127\.0\.0\.1:\d+, HTTP\/2 stream 3\n {9}HTTP\/2 request {2}GET \/b\n {11}:[^#]*x-client: a\\x9bb$/m,
    )
  })

  test('after a hundred requests a client is asked to connect again, and loses none', async () => {
    const listener = await start('listen', '0')
    const session = connectHttp2(`http://127.0.0.1:${listener.port}`)
    const gone = once(session, 'close')
    const paths = Array.from({ length: 100 }, (_, n) => `/${n}.`)
    const texts = await Promise.all(paths.map((path) => textOf(session.request({ ':path': path }))))
    expect(texts).toEqual(paths.map((path) => `seen: HTTP/2 request  GET ${path}\n`))
    await gone
    await listener.printed(/GET \/99\./)
    expect(listener.out().match(/HTTP\/2 request/g)).toHaveLength(100)
  })

  test('connections beyond --max-connections are closed, and that is said', async () => {
    const listener = await start('listen', '--max-connections', '2', '0')
    const sockets = [1, 2, 3].map(() => connect({ host: '127.0.0.1', port: listener.port }))
    for (const socket of sockets) socket.on('error', () => {}).resume()
    await Promise.race(sockets.map((socket) => once(socket, 'close')))
    for (const socket of sockets) socket.destroy()
    expect((await listener.end()).err).toMatch(/2 connections are open.*--max-connections N/)
  })

  test('a thousand connections at a time are all answered where that is allowed', async () => {
    const listener = await start('listen', '--max-connections', '1000', '0')
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => send(listener.port, `GET /${n}. HTTP/1.1\r\n\r\n`)),
    )
    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 200 OK'))).toHaveLength(1000)
    await listener.printed(/GET \/999\./)
    const { out, err } = await listener.end()
    expect(new Set(out.match(/GET \/\d+\./g))).toHaveProperty('size', 1000)
    expect(err).not.toContain('--max-connections')
  })

  test('an application protocol that is not answered is agreed on, and its bytes are seen', async () => {
    const listener = await start('listen', '0')
    const client = connectTls({
      host: '127.0.0.1',
      port: listener.port,
      ALPNProtocols: ['imap'],
      rejectUnauthorized: false,
    })
    client.end('a1 CAPABILITY\r\n')
    expect(await textOf(client)).toBe('')
    await listener.printed(/ALPN imap, 15 bytes\n +0 {2}15 other bytes/)
  })

  test.each([
    ['end', /inside TLS, TLSv1\.3 TLS_\w+, no ALPN, 0 bytes\n +the peer closed/],
    ['destroy', /inside TLS, [\s\S]*the peer closed/],
  ] as const)(
    'a check that only shakes hands, and closes by %s, is printed',
    async (how, expected) => {
      const listener = await start('listen', '--count', '1', '0')
      const options = { host: '127.0.0.1', port: listener.port, rejectUnauthorized: false }
      const client = connectTls(options, () => client[how]())
      client.on('error', () => {}).resume()
      const { code, out } = await listener.ended
      expect(code).toBe(0)
      expect(out).toMatch(expected)
    },
  )

  test('a handshake that is never finished is given up at the deadline', async () => {
    const hello = await helloOf('a.example', [])
    const listener = await start('listen', '--timeout', '200', '0')
    const socket = connect({ host: '127.0.0.1', port: listener.port })
    socket.write(hello)
    socket.resume()
    await listener.printed(/inside TLS, nothing: not done in time/)
    await once(socket, 'close')
  })

  test('--count does not wait for connections that say nothing either', async () => {
    const listener = await start('listen', '--timeout', '600000', '--count', '1', '0')
    const silent = connect({ host: '127.0.0.1', port: listener.port })
    silent.on('error', () => {})
    await once(silent, 'connect')
    expect(await send(listener.port, 'GET / HTTP/1.1\r\n\r\n')).toContain('200 OK')
    const { code, out } = await listener.ended
    expect(code).toBe(0)
    expect(out.match(/^\S+Z #/gm)).toHaveLength(1)
  })

  test('Ctrl-C does not wait for connections that say nothing', async () => {
    const listener = await start('listen', '--timeout', '600000', '0')
    const socket = connect({ host: '127.0.0.1', port: listener.port })
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write('GET')
    expect((await listener.end()).code).toBe(0)
  })

  test('a silent peer is answered for at the deadline', async () => {
    const listener = await start('listen', '--timeout', '100', '0')
    expect(await send(listener.port, 'GET / HT', false)).toBe('')
    await listener.printed(/no more bytes in time/)
  })

  test('no more bytes are kept than --max-bytes', async () => {
    const listener = await start('listen', '--max-bytes', '64', '--json', '0')
    await send(listener.port, `GET /${'a'.repeat(10_000)} HTTP/1.1\r\n\r\n`)
    const [line] = await listener.printed(/.+/)
    expect(JSON.parse(line)).toMatchObject({ byteLength: 64, ended: 'full' })
  })

  test.each([
    ['a port beyond the last one', ['99999'], /is not PORT or HOST:PORT/],
    [
      'an IPv6 address without brackets',
      ['a:b:1'],
      /write 8080, 127\.0\.0\.1:8080, or \[::1\]:8080/,
    ],
    ['a count of none', ['--count', '0', '1'], /from 1 to/],
    ['a certificate without its key', ['--tls-cert', 'a.pem', '1'], /go together/],
    ['files that are not there', ['--tls-cert', 'a', '--tls-key', 'b', '1'], /ENOENT/],
    [
      'a certificate that is none',
      ['--tls-cert', write('a.pem', 'x'), '--tls-key', write('b.pem', 'x'), '1'],
      /a\.pem/,
    ],
  ])('%s is wrong usage', async (_what, args, message) => {
    const { code, err } = await truehop(['listen', ...args])
    expect(code).toBe(2)
    expect(err).toMatch(message)
  })

  test('a port in use is said', async () => {
    const { port } = await start('listen', '0')
    const { code, err } = await truehop(['listen', String(port)])
    expect(code).toBe(2)
    expect(err).toContain('EADDRINUSE')
  })
})
