import { accessLog } from '@truehop/log/express'
import { pino } from 'pino'
import { describe, expect, test, vi } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import { truehop } from '../src/index.js'
import { EDGE, serve, VERSIONS, XFF } from './setup.js'

const EVIL = { headers: { 'x-forwarded-for': '198.51.100.7, 198.51.100.77:x\u00a0' } }

const SAID = {
  reason: 'unidentified-node',
  source: 'x-forwarded-for',
  rule: 'hop-1',
  lastTrustedHop: EDGE,
  peer: EDGE,
}

describe.each(VERSIONS)('%s: a request answered 400 for want of a client', (_, express) => {
  test('is reported on the logger, with the text that was read', async () => {
    const warn = vi.fn()
    const { port } = await serve(express().use(truehop({ ...XFF, logger: { warn } })))
    await ask({ port, from: EDGE }, { headers: { 'x-forwarded-for': '192.0.2.1, no\u0085thing' } })
    expect(warn.mock.calls).toEqual([
      [{ event: 'identity.undetermined', ...SAID, entry: 'no\\u0085thing' }, 'client undetermined'],
    ])
  })

  test('is reported on the console if there is no logger', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { port } = await serve(express().use(truehop(XFF)))
    await ask({ port, from: EDGE }, { headers: { 'x-forwarded-for': 'nobody' } })
    expect(warn.mock.calls).toEqual([
      [`truehop: client undetermined ${JSON.stringify({ ...SAID, entry: 'nobody' })}`],
    ])
    warn.mockRestore()
  })

  test('shows of a long text its beginning', async () => {
    const warn = vi.fn()
    const { port } = await serve(express().use(truehop({ ...XFF, logger: { warn } })))
    await ask({ port, from: EDGE }, { headers: { 'x-forwarded-for': 'x'.repeat(8000) } })
    expect(warn.mock.calls[0]?.[0].entry).toBe(`${'x'.repeat(200)}…`)
  })

  test('has few lines a minute', async () => {
    const warn = vi.fn()
    const { port } = await serve(express().use(truehop({ ...XFF, logger: { warn } })))
    for (let i = 0; i < 10; i++) {
      await ask({ port, from: EDGE }, { headers: { 'x-forwarded-for': 'nobody' } })
    }
    expect(warn).toHaveBeenCalledTimes(6)
  })

  test('shows addresses as the access log does', async () => {
    const lines: string[] = []
    const logger = pino({}, { write: (line: string) => lines.push(line) })
    const warn = vi.fn()
    const app = express().use(
      accessLog({ logger, address: 'truncated' }),
      truehop({ ...XFF, logger: { warn } }),
    )
    const { port } = await serve(app)
    await ask({ port, from: EDGE }, EVIL)
    expect(warn.mock.calls[0]?.[0]).toMatchObject({
      lastTrustedHop: '127.0.0.0',
      peer: '127.0.0.0',
    })
    expect(JSON.stringify(warn.mock.calls)).not.toMatch(/198\.51\.100\.77|127\.0\.0\.3/)
  })
})
