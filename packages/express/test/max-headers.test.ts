import type { RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import { truehop } from '../src/index.js'
import { CLIENT, EDGE, serve, VERSIONS, XFF } from './setup.js'

/** Lines that a client sends, and the proxy's own behind them. */
function padded(lines: number): Record<string, string> {
  const filler = Array.from({ length: lines }, (_, i) => [`x-filler-${i}`, 'x'])
  return { ...Object.fromEntries(filler), 'x-forwarded-for': CLIENT }
}

const answers: RequestHandler = (request, response) => {
  response.send(request.ip)
}

describe.each(VERSIONS)(
  '%s: a server that is not attached and keeps few header lines',
  (_, express) => {
    /** `app.listen()` and not `attach`: the middleware never gets to see the server. */
    async function serveWith(maxHeadersCount: number): Promise<number> {
      const app = express().use(truehop(XFF))
      app.get('/', answers)
      const { port, server } = await serve(app)
      server.maxHeadersCount = maxHeadersCount
      return port
    }

    test('names nobody where the line of the proxy may have been dropped', async () => {
      const port = await serveWith(100)
      const { status, body } = await ask({ port, from: EDGE }, { headers: padded(120) })
      // Newer versions of Node refuse such a request themselves.
      expect([400, 431]).toContain(status)
      expect(body).not.toContain(EDGE)
    })

    test('names the client of a request within the limit', async () => {
      const port = await serveWith(100)
      expect((await ask({ port, from: EDGE }, { headers: padded(20) })).body).toBe(CLIENT)
    })
  },
)
