import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { truehop as expressIdentity } from '@truehop/express'
import { truehop as fastifyIdentity } from '@truehop/fastify'
import { definePolicy } from '@truehop/identity'
import { inspector as expressInspector } from '@truehop/inspector/express'
import { inspector as fastifyInspector } from '@truehop/inspector/fastify'
import express from 'express'
import { fastify } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

/** Milliseconds after which the services' time-out answers, whatever is still to come. */
const TIME_OUT = 40
/** The field of a request that the time-out is for. */
const IMPATIENT = 'x-impatient'

interface Service {
  readonly port: number
  /** What reached the framework's error handling. */
  readonly errors: unknown[]
  stop(): Promise<void>
}

const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })

async function startExpress(): Promise<Service> {
  const errors: unknown[] = []
  const app = express()
  const identity = expressIdentity({ policy })
  const page = expressInspector({ allow: ['loopback'] })
  app.use(identity)
  app.use((request, response, next) => {
    const answer = () => response.headersSent || response.status(503).send('late')
    if (IMPATIENT in request.headers) setTimeout(answer, TIME_OUT)
    next()
  })
  app.use('/_truehop', page)
  app.use(((error, _request, response, _next) => {
    errors.push(error)
    response.status(500).end()
  }) satisfies express.ErrorRequestHandler)
  const server = identity.attach(app.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    page.close()
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { port, errors, stop }
}

async function startFastify(): Promise<Service> {
  const errors: unknown[] = []
  const app = fastify({ forceCloseConnections: true })
  await app.register(fastifyIdentity, { policy })
  app.addHook('onRequest', (request, reply, done) => {
    const answer = () => reply.sent || reply.code(503).send('late')
    if (IMPATIENT in request.headers) setTimeout(answer, TIME_OUT)
    done()
  })
  app.addHook('onError', (_request, _reply, error, done) => {
    errors.push(error)
    done()
  })
  await app.register(fastifyInspector, { prefix: '/_truehop', allow: ['loopback'] })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return { port, errors, stop: () => app.close() }
}

describe.each([
  ['fastify', startFastify],
  ['express', startExpress],
])('the inspector on %s, whose client', (framework, start) => {
  let service: Service
  const rejections: unknown[] = []
  const keep = (reason: unknown): void => {
    rejections.push(reason)
  }

  beforeEach(async () => {
    rejections.length = 0
    process.on('unhandledRejection', keep)
    process.on('uncaughtException', keep)
    service = await start()
  })

  afterEach(async () => {
    await service.stop()
    process.off('unhandledRejection', keep)
    process.off('uncaughtException', keep)
  })

  /** Sends the head of a form, and gives the connection and all that comes back on it. */
  async function form(
    length: number,
    field = `${IMPATIENT}: yes`,
  ): Promise<{ socket: Socket; answers: () => string }> {
    const socket = connect(service.port, '127.0.0.1')
    let text = ''
    socket.setEncoding('utf8').on('data', (piece) => {
      text += piece
    })
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(
      `POST /_truehop/explain HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: ${length}\r\n${field}\r\n\r\n`,
    )
    return { socket, answers: () => text }
  }

  const body = '{"peer":"127.0.0.1"}'

  test('sends the form after a time-out has answered gets that answer alone', async () => {
    const { socket, answers } = await form(body.length)
    await expect.poll(answers).toMatch(/^HTTP\/1\.1 503 /)
    socket.write(body)
    await delay(2 * TIME_OUT)
    expect(answers().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 503'])
    expect(rejections).toEqual([])
    socket.destroy()
  })

  test('leaves in the middle of its form is not an error of the application', async () => {
    const { socket } = await form(body.length)
    socket.write(body.slice(0, 5))
    await delay(TIME_OUT / 4)
    socket.destroy()
    await delay(2 * TIME_OUT)
    expect(rejections).toEqual([])
    if (framework === 'express') expect(service.errors).toEqual([])
  })

  test('sends a form that is too long gets an answer that says so', async () => {
    const { socket, answers } = await form(1_000_000, 'x-patient: yes')
    socket.write('x'.repeat(200_000))
    await expect.poll(answers).toMatch(/^HTTP\/1\.1 413 /)
    expect(rejections).toEqual([])
    socket.destroy()
  })
})
