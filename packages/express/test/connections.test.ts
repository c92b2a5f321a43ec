import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { type ClientIdentity, identityOf } from '@truehop/identity'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { ask, connectTcp, open, type Way } from '../../../test/edges/client.js'
import { type TruehopOptions, truehop } from '../src/index.js'
import {
  BALANCER,
  CLIENT,
  EDGE,
  PROXY,
  proxyHeader,
  type Scheme,
  STRANGER,
  serve,
  VERSIONS,
  XFF,
} from './setup.js'

const SCHEMES: readonly Scheme[] = ['http', 'https']

describe.each(VERSIONS)('%s', (_version, express) => {
  describe.each(SCHEMES)('%s', (scheme) => {
    const secure = scheme === 'https'

    async function started(options: TruehopOptions): Promise<number> {
      const app = express()
      const identity = truehop({ logger: { warn: () => {} }, ...options })
      app.use(identity, (request, response) => {
        const { ip, clientIp, clientIdentity } = request
        const same = clientIdentity === identityOf(request)
        response.json({ ip, clientIp, same, reason: clientIdentity.reason })
      })
      return (await serve(app, identity, scheme)).port
    }

    async function told(way: Way, headers = {}): Promise<unknown> {
      const { body } = await ask({ ...way, secure }, { headers })
      return JSON.parse(body)
    }

    test('X-Forwarded-For from a trusted peer', async () => {
      const port = await started(XFF)
      expect(await told({ port, from: EDGE }, { 'x-forwarded-for': CLIENT })).toEqual({
        ip: CLIENT,
        clientIp: CLIENT,
        same: true,
        reason: 'first-untrusted',
      })
    })

    test('a PROXY header', async () => {
      const port = await started(PROXY)
      expect(await told({ port, from: BALANCER, before: proxyHeader() })).toEqual({
        ip: CLIENT,
        clientIp: CLIENT,
        same: true,
        reason: 'first-untrusted',
      })
    })

    test('connections at the same time keep their own identities', async () => {
      const port = await started(PROXY)
      const clients = Array.from({ length: 20 }, (_, at) => `192.0.2.${at}`)
      const answers = clients.map((client) =>
        told({ port, from: BALANCER, before: proxyHeader(client) }),
      )
      expect(await Promise.all(answers)).toMatchObject(clients.map((ip) => ({ ip })))
    })

    test.each([
      ['no PROXY header from whom one is due', BALANCER, Buffer.alloc(0)],
      ['a PROXY header from a stranger', STRANGER, proxyHeader()],
      ['no PROXY header from a stranger', STRANGER, Buffer.alloc(0)],
    ])('%s: no answer', async (_case, from, before) => {
      const port = await started(PROXY)
      await expect(told({ port, from, before })).rejects.toThrow()
    })

    test.each([
      ['PROXY header', PROXY, { from: BALANCER, before: proxyHeader() }, {}],
      ['X-Forwarded-For', XFF, { from: EDGE }, { 'x-forwarded-for': CLIENT }],
    ])(
      'a WebSocket behind a %s has the identity in its upgrade request',
      async (_case, options, way, headers) => {
        const app = express()
        const identity = truehop(options)
        app.use(identity)
        const { port, server } = await serve(app, identity, scheme)
        const sockets = new WebSocketServer({ noServer: true })
        server.on('upgrade', (request, socket, head) => {
          const found = identityOf(request)
          sockets.handleUpgrade(request, socket, head, (webSocket) => {
            webSocket.send(JSON.stringify([found, found === identityOf(request)]))
          })
        })
        const connection = await open({ port, secure, ...way })
        const webSocket = new WebSocket('ws://localhost/', {
          createConnection: () => connection as never,
          headers,
        })
        onTestFinished(() => webSocket.terminate())
        const [message] = await once(webSocket, 'message')
        expect(JSON.parse(String(message))).toMatchObject([{ ip: CLIENT }, true])
      },
    )

    test.each([
      ['attached', true],
      ['not attached', false],
    ])(
      '%s: the peer is kept for callers that ask when the connection is gone',
      async (_case, attach) => {
        const app = express()
        const identity = truehop({ ...XFF, onUndetermined: 'continue' })
        const late = new Promise<ClientIdentity>((resolve) => {
          app.use(identity, async (request) => {
            connection.destroy()
            await once(request.socket, 'close')
            resolve(request.clientIdentity)
          })
        })
        const { port } = await serve(app, attach ? identity : undefined, scheme)
        const connection = await open({ port, secure, from: STRANGER })
        const call = httpRequest({ createConnection: () => connection })
        call.on('error', () => {})
        call.end()
        expect(await late).toMatchObject({ ip: STRANGER, peer: STRANGER })
      },
    )
  })
})

describe('refused connections are counted and logged, a few of each reason', () => {
  async function refuseTen(logger?: TruehopOptions['logger']) {
    const identity = truehop(logger === undefined ? PROXY : { ...PROXY, logger })
    const { port } = await serve(VERSIONS[1][1](), identity)
    const refused = Array.from({ length: 10 }, async () => {
      const socket = await connectTcp({ port, from: STRANGER })
      socket.resume()
      await new Promise((resolve) => socket.once('close', resolve))
    })
    await Promise.all(refused)
    expect(identity.proxyProtocol).toMatchObject([
      { counters: { refused: { 'untrusted-peer': 10 } } },
    ])
  }

  test('with the logger given', async () => {
    const warn = vi.fn()
    await refuseTen({ warn })
    expect(warn).toHaveBeenCalledTimes(6)
    expect(warn).toHaveBeenCalledWith(
      expect.objectContaining({ reason: 'untrusted-peer', peer: STRANGER }),
      expect.stringContaining(STRANGER),
    )
  })

  test('on console.warn without one', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => void warn.mockRestore())
    await refuseTen()
    expect(warn).toHaveBeenCalledTimes(6)
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/^truehop: 127\.0\.0\.9/))
  })
})
