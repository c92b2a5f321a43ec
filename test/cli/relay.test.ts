import { execFile } from 'node:child_process'
import { on, once } from 'node:events'
import { createServer, get } from 'node:http'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { start } from '../../packages/cli/test/running.js'
import { certificate } from '../peers/harness/certificate.js'
import { describeWithPeers, peerPath } from '../peers/harness/peer.js'
import { stopAfterAll } from '../peers/harness/service.js'
import { startFastify } from './harness/whoami.js'

const hops = [
  { from: ['loopback'], asserts: 'proxy-protocol' },
  { from: ['198.51.100.0/24'], asserts: 'x-forwarded-for' },
]

function whoami(port: number, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/whoami', agent: false, headers }
    const asked = get(options, (answer) => {
      let text = ''
      answer.on('data', (chunk) => {
        text += String(chunk)
      })
      answer.once('error', reject)
      answer.once('end', () => resolve(text))
    })
    asked.once('error', reject)
  })
}

const named = (client: string): string => JSON.stringify({ client })

const relay = (to: number, ...args: string[]) =>
  start('relay', '--listen', '0', '--to', `127.0.0.1:${to}`, ...args)

describe('a chain of relays', () => {
  const own = stopAfterAll()

  test('each hop says who was before it', async () => {
    const app = own(await startFastify({ hops }))
    const outer = await relay(app.port, '--send', 'v2', '--client', '198.51.100.7')
    expect(await whoami(outer.port)).toBe(named('198.51.100.7'))
    const args = ['--send', 'none', '--append-xff', '--client', '203.0.113.7']
    const edge = await relay(outer.port, ...args)
    expect(await whoami(edge.port)).toBe(named('203.0.113.7'))
  })
})

describe('an upgrade over --append-xff', () => {
  const own = stopAfterAll()

  /** Echoes what a socket says, and tells whom it is from; refuses on another path. */
  async function startEcho(): Promise<number> {
    const server = createServer((_request, response) => response.end('plain\n'))
    const sockets = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request, socket, head) => {
      if (request.url !== '/chat') {
        socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n')
        return
      }
      sockets.handleUpgrade(request, socket, head, (opened) => {
        opened.send(String(request.headers['x-forwarded-for']))
        opened.on('message', (data, isBinary) => opened.send(data, { binary: isBinary }))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    own({
      async stop() {
        for (const opened of sockets.clients) opened.terminate()
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    })
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  const args = ['--send', 'none', '--append-xff', '--client', '198.51.100.7'] as const

  test('WebSocket goes through, both ways, and the client is passed on', async () => {
    const edge = await relay(await startEcho(), ...args)
    const headers = { 'X-Forwarded-For': '6.6.6.6' }
    const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/chat`, { headers })
    const heard = on(socket, 'message')
    const next = async () => String((await heard.next()).value[0])
    expect(await next()).toBe('6.6.6.6, 198.51.100.7')
    const long = 'x'.repeat(200_000)
    socket.send(long)
    expect(await next()).toBe(long)
    socket.close()
    await once(socket, 'close')
    await edge.printed(/198\.51\.100\.7 GET \/chat upgrade websocket 101/)
  })

  test('a refusal of the target is the answer', async () => {
    const edge = await relay(await startEcho(), ...args)
    const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/other`)
    const [, answer] = await once(socket, 'unexpected-response')
    expect(answer.statusCode).toBe(403)
    answer.resume()
    await edge.printed(/GET \/other upgrade websocket 403/)
  })

  test('a target that is gone is said', async () => {
    const gone = await start('listen', '0')
    await gone.end()
    const edge = await relay(gone.port, ...args)
    const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/chat`)
    const [, answer] = await once(socket, 'unexpected-response')
    expect(answer.statusCode).toBe(502)
    answer.resume()
    await edge.printed(/upgrade websocket: connect ECONNREFUSED/)
  })

  test('an offer of HTTP/2 is not passed on', async () => {
    const edge = await relay(await startEcho(), ...args)
    const headers = {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: 'h2c',
      'HTTP2-Settings': 'AAMAAABkAAQCAAAAAAIAAAAA',
    }
    expect(await whoami(edge.port, headers)).toBe('plain\n')
    await edge.printed(/GET \/whoami upgrade h2c 200/)
  })
})

describeWithPeers(['curl'], 'curl through --append-xff', () => {
  const own = stopAfterAll()
  const run = promisify(execFile)

  test.each([
    ['HTTP/1', [], 0],
    ['an offer of h2c', ['--http2'], 0],
    ['HTTP/2 with prior knowledge', ['--http2-prior-knowledge'], 16],
  ])('%s', async (_what, args, code) => {
    const app = own(await startFastify({ trust: ['loopback'], header: 'x-forwarded-for' }))
    const edge = await relay(app.port, '--send', 'none', '--append-xff', '--client', '192.0.2.7')
    const url = `http://127.0.0.1:${edge.port}/whoami`
    const asked = run(peerPath('curl'), ['-sS', '--noproxy', '*', ...args, url])
    if (code === 0) expect((await asked).stdout).toBe(named('192.0.2.7'))
    else await expect(asked).rejects.toMatchObject({ code })
  })
})

describeWithPeers(['openssl'], 'a relay that speaks TLS behind the header', () => {
  const own = stopAfterAll()

  test.each(['v1', 'v2'])('%s', async (version) => {
    const { port } = own(await startFastify({ hops }, certificate()))
    const args = ['--send', version, '--client', '192.0.2.7', '--tls', '--insecure', '--append-xff']
    const edge = await relay(port, ...args)
    expect(await whoami(edge.port)).toBe(named('192.0.2.7'))
  })

  test('a certificate that nobody vouches for ends it, unless told otherwise', async () => {
    const { port } = own(await startFastify({ hops }, certificate()))
    const { port: at, printed } = await relay(port, '--send', 'v2', '--tls', '--append-xff')
    expect(await whoami(at)).toBe('the target cannot be reached\n')
    await printed(/self-signed certificate/)
  })
})
