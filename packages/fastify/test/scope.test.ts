import fastify from 'fastify'
import { expect, onTestFinished, test, vi } from 'vitest'
import truehop from '../src/index.js'

test('what it adds is there outside of it, and it is listed under its name', async () => {
  const app = fastify()
  await app.register(truehop, { hops: [] })
  expect(app.hasRequestDecorator('clientIp')).toBe(true)
  expect(app.hasPlugin('@truehop/fastify')).toBe(true)
  expect(app.printPlugins()).toContain('@truehop/fastify')
})

test('it takes what Fastify hands every plugin beside its options', async () => {
  const app = fastify()
  await app.register(truehop, { hops: [], prefix: '/api', logLevel: 'warn', logSerializers: {} })
  app.get('/', async ({ ip }) => ip)
  expect((await app.inject({ url: '/', remoteAddress: '198.51.100.7' })).body).toBe('198.51.100.7')
})

test('in a child it says at start-up that it does not cover what is outside', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => warn.mockRestore())
  const lines: string[] = []
  const app = fastify({ logger: { stream: { write: (line) => lines.push(line) } } })
  app.register(async (child) => void (await child.register(truehop, { hops: [] })))
  await app.ready()
  expect(warn.mock.calls).toEqual([
    [
      expect.stringContaining('fastify-plugin'),
      { type: 'TruehopWarning', code: 'TRUEHOP_IN_CHILD' },
    ],
  ])
  expect(lines.join()).toContain('fastify-plugin')
})

test('on the outermost instance it says nothing', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => warn.mockRestore())
  await fastify().register(truehop, { hops: [] })
  expect(warn).not.toHaveBeenCalled()
})
