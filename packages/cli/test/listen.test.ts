import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { truehop } from './command-line.js'
import { start } from './running.js'

async function send(port: number, bytes: string, end = true): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.write(bytes, 'latin1')
  if (end) socket.end()
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
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
    expect(listener.out()).toMatch(/^#1 from 127\.0\.0\.1:\d+, \d+ bytes$/m)
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
    await send(listener.port, 'PROXY UNKNOWN\r\n')
    await send(listener.port, 'hello')
    const { code, out } = await listener.ended
    expect(code).toBe(0)
    const [first, second] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(first).toMatchObject({ number: 1, ended: 'closed', layers: [{ kind: 'proxy' }] })
    expect(second).toMatchObject({ layers: [{ kind: 'other', hex: '68656c6c6f' }] })
  })

  test('a TLS client is told that the handshake ends here', async () => {
    const listener = await start('listen', '0')
    const client = connectTls({ host: '127.0.0.1', port: listener.port, servername: 'a.example' })
    const [error] = await once(client, 'error')
    expect(error.code).toBe('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE')
    await listener.printed(/server name a\.example/)
  })

  test('a silent peer is answered for at the deadline', async () => {
    const listener = await start('listen', '--timeout', '100', '0')
    expect(await send(listener.port, 'GET / HT', false)).toBe('')
    await listener.printed(/nothing more in time/)
  })

  test('no more bytes are kept than --max-bytes', async () => {
    const listener = await start('listen', '--max-bytes', '64', '--json', '0')
    await send(listener.port, `GET /${'a'.repeat(10_000)} HTTP/1.1\r\n\r\n`)
    const [line] = await listener.printed(/.+/)
    expect(JSON.parse(line)).toMatchObject({ byteLength: 64, ended: 'full' })
  })

  test.each([['99999'], ['a:b:1'], ['--count', '0', '1']])(
    '%j %j is wrong usage',
    async (...args) => {
      expect((await truehop(['listen', ...args.filter((a) => a !== undefined)])).code).toBe(2)
    },
  )

  test('a port in use is said', async () => {
    const { port } = await start('listen', '0')
    const { code, err } = await truehop(['listen', String(port)])
    expect(code).toBe(2)
    expect(err).toContain('EADDRINUSE')
  })
})
