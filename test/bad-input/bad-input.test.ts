import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, APPS, type App, startApp } from '../edges/app.js'
import { ask, askOn, connectTcp, open, type Way } from '../edges/client.js'
import {
  BAD_STARTS,
  type BadStart,
  CLIENT,
  HEADERS,
  POLICY,
  PROXY,
  SILENCES,
} from './bad-starts.js'

describe.each(APPS)('%s over %s', (framework, scheme) => {
  let app: App
  /** A client that is there all the time: nothing that happens to others may touch it. */
  let bystander: Duplex

  beforeAll(async () => {
    app = await startApp(framework, scheme, POLICY)
    bystander = await open(through(app, HEADERS[2]))
  })
  afterAll(async () => {
    bystander.destroy()
    await app.stop()
  })

  test.each(BAD_STARTS.map((bad) => [bad.name, bad.reason, bad] as const))(
    '%s: the connection ends, counted and logged as %s',
    async (_name, _reason, bad) => {
      const [refused, requests] = [app.counters().refused[bad.reason] ?? 0, app.requests()]
      const received = await startBadly(app.port, bad)
      await expect.poll(() => app.counters().refused[bad.reason]).toBe(refused + 1)
      expect(received).toBe('')
      expect(app.requests()).toBe(requests)
      expect(app.logged).toContain(bad.reason)
      await expectAnswer(bystander, 'still here')
      expect(await answerOf(through(app, HEADERS[1]), 'newly come')).toMatchObject({ ip: CLIENT })
    },
  )

  test('a connection without a byte, as health checkers make, is not a refusal', async () => {
    const { probes, refusedTotal } = app.counters()
    const socket = await connectTcp({ port: app.port, from: PROXY })
    socket.end()
    await expect.poll(() => app.counters().probes).toBe(probes + 1)
    expect(app.counters().refusedTotal).toBe(refusedTotal)
  })

  test.each([1, 2] as const)(
    'v%s: whatever the split, nothing is lost or duplicated',
    async (version) => {
      const header = HEADERS[version]
      const bodies = new Set<string>()
      const all = splits(header.length, await firstLength(app, header))
      // Behind the header the frameworks take turns: what reads it is the same for both.
      const turn = framework === 'fastify' ? 0 : 1
      const positions = all.filter((at) => at <= header.length || at % 2 === turn)
      const accepted = app.counters().accepted
      for (const group of groupsOf(positions, 16)) {
        const asked = group.map(async (at) => {
          const cut = (bytes: Buffer) => [bytes.subarray(0, at), bytes.subarray(at)]
          const answer = await answerOf({ ...through(app, header), cut }, `cut at ${at}`)
          expect(answer).toMatchObject({ ip: CLIENT, body: `cut at ${at}` })
          bodies.add(answer.body)
        })
        await Promise.all(asked)
      }
      expect(bodies.size).toBe(positions.length)
      expect(app.counters().accepted - accepted).toBe(positions.length)
    },
  )

  test('a header that comes byte by byte is a header', async () => {
    const cut = (bytes: Buffer) => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    const header = HEADERS[2]
    const cutHeader = (bytes: Buffer) => [
      ...cut(bytes.subarray(0, header.length)),
      bytes.subarray(header.length),
    ]
    const answer = await answerOf({ ...through(app, header), cut: cutHeader }, 'slow')
    expect(answer).toMatchObject({ ip: CLIENT, body: 'slow' })
  })

  test('requests that follow each other on one connection keep their order and their bytes', async () => {
    for (const body of ['first', 'second', 'x'.repeat(70_000), 'fourth']) {
      await expectAnswer(bystander, body)
    }
  })

  async function expectAnswer(connection: Duplex, body: string): Promise<void> {
    const reply = await askOn(connection, question(body, 'keep-alive'))
    const answer: Answer = JSON.parse(reply.body)
    expect(answer).toMatchObject({ ip: CLIENT, clientIp: CLIENT, body })
  }
})

test('silence: the connection ends at the deadline, counted and logged as timeout', async () => {
  const apps = await Promise.all(
    APPS.map(([framework, scheme]) => startApp(framework, scheme, POLICY)),
  )
  try {
    const silent = apps.flatMap(({ port }) => SILENCES.map((silence) => startBadly(port, silence)))
    expect(new Set(await Promise.all(silent))).toEqual(new Set(['']))
    for (const app of apps) {
      expect(app.counters().refused).toEqual({ timeout: SILENCES.length })
      expect(app.logged).toEqual(SILENCES.map(() => 'timeout'))
      expect(app.requests()).toBe(0)
      expect(await answerOf(through(app, HEADERS[2]), 'after')).toMatchObject({ ip: CLIENT })
    }
  } finally {
    await Promise.all(apps.map((app) => app.stop()))
  }
})

/** Every position in the header and the 400 bytes after it; beyond, where hellos can go, some. */
function splits(headerLength: number, length: number): number[] {
  const positions = Array.from({ length }, (_, at) => at)
  return positions.filter((at) => at < headerLength + 400 || at % 37 === 0)
}

/** How long a header and the first flight after it are: a whole request, or a ClientHello. */
async function firstLength(app: App, header: Buffer): Promise<number> {
  let length = 0
  const cut = (bytes: Buffer) => {
    length = bytes.length
    return [bytes]
  }
  await answerOf({ ...through(app, header), cut }, 'cut at 100')
  expect(length).toBeGreaterThan(header.length + 100)
  return length
}

function through({ port, secure }: App, header: Buffer): Way {
  return { port, secure, from: PROXY, before: header }
}

async function answerOf(way: Way, body: string): Promise<Answer> {
  const reply = await ask(way, question(body, 'close'))
  return JSON.parse(reply.body)
}

function question(body: string, connection: 'keep-alive' | 'close') {
  return { method: 'POST', headers: { connection, 'content-type': 'text/plain' }, body }
}

/** What the server says to a client that starts in that way, until it ends the connection. */
async function startBadly(port: number, { from, bytes, ending }: BadStart): Promise<string> {
  const socket = await connectTcp({ port, from })
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  if (bytes.length > 0) await new Promise((sent) => socket.write(bytes, sent))
  if (ending === 'reset') {
    // A reset overtakes what the server has not read yet, which a few turns of this process read.
    for (let turn = 0; turn < 10; turn++) await nextTurn()
    socket.resetAndDestroy()
  }
  if (ending === 'close') socket.end()
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  return received
}

function groupsOf<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}
