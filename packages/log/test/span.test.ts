import type { Server } from 'node:http'
import { context, type Span, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { bindRequest } from '@truehop/identity'
import express from 'express'
import Fastify from 'fastify'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { accessLog as expressLog } from '../src/express.js'
import { accessLog as fastifyLog } from '../src/fastify.js'
import { ask, Lines, pinoTo, policy, trustTests } from './service.js'

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const contexts = new AsyncLocalStorageContextManager()

beforeAll(() => {
  context.setGlobalContextManager(contexts.enable())
  trace.setGlobalTracerProvider(provider)
})

afterEach(() => exporter.reset())

afterAll(async () => {
  trace.disable()
  context.disable()
  await provider.shutdown()
})

/** As the stock HTTP instrumentation: a span around the request, the leftmost address on it. */
function instrument(server: Server): void {
  const listeners = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    const forwarded = String(request.headers['x-forwarded-for'])
    const span: Span = provider.getTracer('test').startSpan('request', {
      attributes: { 'client.address': forwarded.split(',')[0] ?? '' },
    })
    response.on('close', () => span.end())
    context.with(trace.setSpan(context.active(), span), () => {
      for (const listener of listeners) listener.call(server, request, response)
    })
  })
}

async function attributes() {
  let [span] = exporter.getFinishedSpans()
  for (; span === undefined; [span] = exporter.getFinishedSpans()) {
    await new Promise((next) => setImmediate(next))
  }
  return span.attributes
}

const options = { span: () => trace.getActiveSpan() }

test('Fastify: the identity replaces the leftmost address on the active span', async () => {
  const app = Fastify()
  trustTests(app.server)
  await app.register(fastifyLog, options)
  app.get('/', async () => '')
  await app.ready()
  instrument(app.server)
  await app.listen({ port: 0, host: '127.0.0.1' })
  await ask(app.server, { path: '/', as: '192.0.2.66, 203.0.113.9' })
  expect(await attributes()).toEqual({
    'client.address': '203.0.113.9',
    'network.peer.address': '127.0.0.1',
    'network.peer.port': expect.any(Number),
  })
  await app.close()
})

async function expressWith(address: 'full' | 'truncated', as: string) {
  const app = express()
  app.use(expressLog({ logger: pinoTo(new Lines()), address, ...options }))
  app.use((request, _response, next) => {
    bindRequest(request, policy)
    next()
  })
  app.get('/', (_request, response) => void response.send(''))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  instrument(server)
  await ask(server, { path: '/', as })
  const found = await attributes()
  await new Promise((done) => server.close(done))
  return found
}

test('Express: also where the identity comes after the log', async () => {
  expect(await expressWith('full', '192.0.2.66, 203.0.113.9')).toEqual({
    'client.address': '203.0.113.9',
    'network.peer.address': '127.0.0.1',
    'network.peer.port': expect.any(Number),
  })
})

test('the span hides what the record hides', async () => {
  expect(await expressWith('truncated', '203.0.113.9')).toEqual({
    'client.address': '203.0.113.0',
    'network.peer.address': '127.0.0.0',
  })
})

test('an undetermined client is unknown on the span, not the address it claimed', async () => {
  expect(await expressWith('full', '192.0.2.66, unknown')).toMatchObject({
    'client.address': 'unknown',
  })
})
