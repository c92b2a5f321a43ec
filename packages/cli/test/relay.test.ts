import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import { connect as connectHttp2, createSecureServer } from 'node:http2'
import { connect } from 'node:net'
import { TLSSocket } from 'node:tls'
import { acceptProxyProtocol, proxyEvidence } from '@truehop/proxy-protocol'
import { describe, expect, onTestFinished, test } from 'vitest'
import { UNKNOWN_LINE } from '../../../test/bytes/proxy-header.js'
import { selfSigned } from '../src/listen/certificate.js'
import { helloOf } from './client-hello.js'
import { truehop } from './command-line.js'
import { start } from './running.js'

interface Asked {
  readonly source: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A server that tells what it was asked, behind a PROXY header or not. */
async function target(proxy: boolean): Promise<number> {
  const server = createServer(async (incoming, response) => {
    let body = ''
    for await (const chunk of incoming) body += String(chunk)
    const [header] = proxyEvidence(incoming).headers
    const source =
      header?.source !== undefined && 'address' in header.source
        ? header.source.address
        : header?.command
    response.end(JSON.stringify({ source, headers: incoming.headers, body }))
  })
  if (proxy) acceptProxyProtocol(server, { from: ['loopback'] })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function ask(
  port: number,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const asked = request(
      { host: '127.0.0.1', port, headers, method, agent: false },
      async (answer) => {
        let text = ''
        for await (const chunk of answer) text += String(chunk)
        resolve(JSON.parse(text))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

/** A server of TLS that speaks HTTP/1 and HTTP/2, and tells what was agreed on. */
async function tlsTarget(): Promise<number> {
  const credentials = { ...selfSigned(['localhost']), allowHTTP1: true }
  const server = createSecureServer(credentials, (incoming, response) => {
    const socket =
      incoming.httpVersion === '2.0' ? incoming.stream.session?.socket : incoming.socket
    const alpn = socket instanceof TLSSocket ? socket.alpnProtocol || 'none' : 'none'
    response.end(JSON.stringify({ alpn, version: incoming.httpVersion }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const relay = (to: number, ...args: string[]) =>
  start('relay', '--listen', '0', '--to', `127.0.0.1:${to}`, ...args)

describe('truehop relay', () => {
  test.each(['v1', 'v2'])('sends the peer in a header of %s', async (version) => {
    const { port } = await relay(await target(true), '--send', version)
    expect(await ask(port)).toMatchObject({ source: '127.0.0.1' })
  })

  test.each([
    ['v1', '198.51.100.7', '198.51.100.7'],
    ['v2', '2001:db8::7', '2001:db8::7'],
    ['v2', '[2001:db8::7]:4711', '2001:db8::7'],
  ])('%s claims %s where told to', async (version, client, source) => {
    const { port, printed } = await relay(await target(true), '--send', version, '--client', client)
    expect(await ask(port)).toMatchObject({ source })
    await printed(/connection, \d+ bytes sent, \d+ received/)
  })

  test('--append-xff adds the client to what was there, and drops what was for the connection', async () => {
    const { port, printed } = await relay(await target(false), '--send', 'none', '--append-xff')
    const sent = { 'X-Forwarded-For': '6.6.6.6', Connection: 'close, X-Secret', 'X-Secret': '1' }
    const { headers, body } = await ask(port, sent, 'text')
    expect(headers['x-forwarded-for']).toBe('6.6.6.6, 127.0.0.1')
    expect(headers).not.toHaveProperty('x-secret')
    expect(body).toBe('text')
    await printed(/127\.0\.0\.1 POST \/ 200/)
  })

  test.each([
    [
      'HTTP/2 with prior knowledge',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      /^HTTP\/2: --append-xff relays HTTP\/1/,
    ],
    ['a PROXY header', `${UNKNOWN_LINE}GET / HTTP/1.1\r\n\r\n`, /^a PROXY header: --append-xff/],
    ['other bytes', '\u0001\u0002\r\n\r\n', /^bytes that are not HTTP: /],
    [
      'a request with two lengths',
      'GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      /^a request that cannot/,
    ],
  ])('--append-xff: %s is turned away with a clear word', async (_what, bytes, word) => {
    const { port, printed } = await relay(await target(false), '--send', 'none', '--append-xff')
    const socket = connect({ host: '127.0.0.1', port })
    socket.write(bytes, 'latin1')
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk)
    const answer = Buffer.concat(chunks)
    const [line] = await printed(/.*--append-xff relays HTTP\/1 in the clear.*/)
    expect(line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z 127\.0\.0\.1 /, '')).toMatch(word)
    // GOAWAY with HTTP_1_1_REQUIRED, RFC 9113 section 7, or an answer of HTTP/1.
    if (bytes.startsWith('PRI')) expect(answer.subarray(-4).readUInt32BE()).toBe(0xd)
    else expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('--append-xff: TLS is turned away with a clear word', async () => {
    const { port, printed } = await relay(await target(false), '--send', 'none', '--append-xff')
    const socket = connect({ host: '127.0.0.1', port })
    socket.write(await helloOf('a.example', []))
    socket.resume()
    await printed(/TLS: --append-xff relays HTTP\/1 in the clear/)
  })

  test('both: a header for the connection and one in the request', async () => {
    const args = ['--send', 'v2', '--crc32c', '--append-xff', '--client', '198.51.100.7']
    const { port } = await relay(await target(true), ...args)
    const { source, headers } = await ask(port)
    expect([source, headers['x-forwarded-for']]).toEqual(['198.51.100.7', '198.51.100.7'])
  })

  test.each([
    ['a connection as it is', [], { alpn: 'none', version: '1.1' }],
    ['a connection said to be HTTP/1', ['--alpn', 'http/1.1'], { alpn: 'http/1.1' }],
    ['requests', ['--append-xff'], { alpn: 'http/1.1', version: '1.1' }],
  ])('--tls: %s %j', async (_what, args, expected) => {
    const target = await tlsTarget()
    const { port } = await relay(target, '--send', 'none', '--tls', '--insecure', ...args)
    expect(await ask(port)).toMatchObject(expected)
  })

  test('--tls --alpn h2 lets HTTP/2 through to a server that speaks both', async () => {
    const target = await tlsTarget()
    const args = ['--send', 'none', '--tls', '--insecure', '--alpn', 'h2,http/1.1']
    const { port } = await relay(target, ...args)
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    let text = ''
    for await (const chunk of session.request()) text += String(chunk)
    session.close()
    expect(JSON.parse(text)).toMatchObject({ alpn: 'h2', version: '2.0' })
  })

  test('--json: a connection, a request and what was turned away are objects', async () => {
    const args = ['--send', 'none', '--json', '--client', '198.51.100.7', '--append-xff']
    const edge = await relay(await target(false), ...args)
    await ask(edge.port)
    connect({ host: '127.0.0.1', port: edge.port }).end(UNKNOWN_LINE)
    const [lines] = await edge.printed(/.+\n.+\n/)
    const client = '198.51.100.7'
    const [request, refused] = lines.trim().split('\n')
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(JSON.parse(request ?? '')).toEqual({
      time,
      client,
      kind: 'request',
      method: 'GET',
      target: '/',
      status: 200,
    })
    expect(JSON.parse(refused ?? '')).toMatchObject({
      client,
      kind: 'refused',
      spoken: 'a PROXY header',
    })
    const plain = await relay(await target(false), '--send', 'none', '--json')
    await ask(plain.port)
    const [connection] = await plain.printed(/.+\n/)
    expect(JSON.parse(connection)).toMatchObject({
      client: '127.0.0.1',
      kind: 'connection',
      bytesSent: expect.any(Number),
      bytesReceived: expect.any(Number),
    })
  })

  test('a target that cannot be reached is said', async () => {
    const gone = await start('listen', '0')
    await gone.end()
    const { port, printed } = await relay(gone.port, '--send', 'v2')
    const socket = connect({ host: '127.0.0.1', port })
    await new Promise((resolve) => socket.once('close', resolve).resume())
    await printed(/ECONNREFUSED/)
  })

  test.each([
    ['no target', ['--listen', '0', '--send', 'v1'], /--to/],
    ['an unknown version', ['--listen', '0', '--to', 'a:1', '--send', 'v3'], /v1, v2, none/],
    [
      'a checksum in version 1',
      ['--listen', '0', '--to', 'a:1', '--send', 'v1', '--crc32c'],
      /--send v2/,
    ],
    [
      'a client that is none',
      ['--listen', '0', '--to', 'a:1', '--send', 'v1', '--client', 'me:1'],
      /--client me:1 is not an address/,
    ],
    [
      'a client with a port that is none',
      ['--listen', '0', '--to', 'a:1', '--send', 'v1', '--client', '192.0.2.1:65536'],
      /is not an address; write/,
    ],
    [
      'the port that takes a free one',
      ['--listen', '0', '--to', 'a:0', '--send', 'v1'],
      /1 to 65535/,
    ],
    [
      'a client that nobody would be told of',
      ['--listen', '0', '--to', 'a:1', '--send', 'none', '--client', '192.0.2.1'],
      /--client goes with/,
    ],
    [
      'a name without TLS',
      ['--listen', '0', '--to', 'a:1', '--send', 'v1', '--servername', 'a'],
      /goes with --tls/,
    ],
    [
      'protocols without TLS',
      ['--listen', '0', '--to', 'a:1', '--send', 'v1', '--alpn', 'h2'],
      /goes with --tls/,
    ],
    [
      'a protocol for requests',
      ['--listen', '0', '--to', 'a:1', '--send', 'v1', '--tls', '--append-xff', '--alpn', 'h2'],
      /leave --alpn out/,
    ],
    [
      'a protocol without a name',
      ['--listen', '0', '--to', 'a:1', '--send', 'v1', '--tls', '--alpn', 'h2,'],
      /write --alpn h2/,
    ],
    [
      'any certificate without TLS',
      ['--listen', '0', '--to', 'a:1', '--send', 'v1', '--insecure'],
      /goes with --tls/,
    ],
  ])('%s is wrong usage', async (_what, args, message) => {
    const { code, err } = await truehop(['relay', ...args])
    expect(code).toBe(2)
    expect(err).toMatch(message)
  })
})
