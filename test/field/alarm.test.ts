import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { AddressInfo } from 'node:net'
import { truehop as expressTruehop } from '@truehop/express'
import { truehop } from '@truehop/fastify'
import { type CollapsedMessage, definePolicy } from '@truehop/identity'
import express from 'express'
import Fastify from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** What the channel tells until the test ends. */
function collapses(): CollapsedMessage[] {
  const told: CollapsedMessage[] = []
  const listen = (message: unknown) => told.push(message as CollapsedMessage)
  subscribe('truehop.identity.collapsed', listen)
  ends.push(() => unsubscribe('truehop.identity.collapsed', listen))
  return told
}

type Headers = (n: number) => Record<string, string>
/** As Fly Proxy writes them: the rightmost entry is the address of the app. */
const fly: Headers = (n) => ({
  'x-forwarded-for': `198.51.100.${n}, 203.0.113.33`,
  'fly-client-ip': `198.51.100.${n}`,
})
/** As one client behind a proxy forges them. */
const forged: Headers = (n) => ({ 'x-forwarded-for': `198.51.100.${n}, 203.0.113.66` })

async function send(port: number, headers: Headers): Promise<void> {
  for (let n = 0; n < 200; n++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: headers(n) })
    expect(answer.status).toBe(200)
    await answer.text()
  }
}

const services: [framework: string, start: (warn: (line: string) => void) => Promise<number>][] = [
  [
    'Fastify',
    async (warn) => {
      const stream = {
        write(line: string) {
          const { level, msg } = JSON.parse(line)
          if (level === 40) warn(msg)
        },
      }
      const app = Fastify({ logger: { level: 'warn', stream } })
      await app.register(truehop, { policy: obvious() })
      app.get('/', (request) => request.clientIp)
      ends.push(() => app.close())
      await app.listen({ host: '127.0.0.1', port: 0 })
      return (app.server.address() as AddressInfo).port
    },
  ],
  [
    'Express',
    async (warn) => {
      const app = express()
      app.use(
        expressTruehop({ policy: obvious(), logger: { warn: (_fields, line) => warn(line) } }),
      )
      app.get('/', (req, res) => {
        res.send(req.clientIp)
      })
      const server = app.listen(0, '127.0.0.1')
      await new Promise((listening) => server.once('listening', listening))
      ends.push(() => server.close())
      return (server.address() as AddressInfo).port
    },
  ],
]

const obvious = () => definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })

describe.each(services)(
  'a policy on %s that takes every visitor for one address',
  (_name, start) => {
    test('is reported within 200 requests: in the log, on the channel, in the counters', async () => {
      const told = collapses()
      const lines: string[] = []
      const port = await start((line) => lines.push(line))
      await send(port, fly)
      expect(told).toHaveLength(1)
      expect(told[0]).toMatchObject({ kind: 'one-for-many', client: '203.0.113.33', rule: 'hop-1' })
      expect(told[0]?.policy.counters.snapshot().collapses).toEqual({ 'one-for-many': 1 })
      expect(lines.filter((line) => line.includes("{ platform: 'fly' }"))).toHaveLength(1)
    })

    test('is not reported if one client forges a new header with each request', async () => {
      const told = collapses()
      const lines: string[] = []
      const port = await start((line) => lines.push(line))
      await send(port, forged)
      expect([told, lines]).toEqual([[], []])
    })
  },
)
