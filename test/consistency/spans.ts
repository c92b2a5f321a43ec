import type { Server } from 'node:http'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll } from 'vitest'
import type { Sightings } from './sightings.js'

/** Sets OpenTelemetry up for a suite; returns what gives a server's requests a span each. */
export function tracing(): (server: Server, sightings: Sightings) => void {
  const contexts = new AsyncLocalStorageContextManager()
  beforeAll(() => {
    context.setGlobalContextManager(contexts.enable())
  })
  afterAll(() => {
    context.disable()
    contexts.disable()
  })
  return instrument
}

/** As the stock instrumentation does it: the leftmost address, and active around the listeners. */
function instrument(server: Server, sightings: Sightings): void {
  const provider = new BasicTracerProvider({ spanProcessors: [new Noting(sightings)] })
  const tracer = provider.getTracer('consistency')
  const listeners = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    const leftmost = String(request.headers['x-forwarded-for']).split(',')[0] ?? ''
    const attributes = { 'url.path': request.url ?? '', 'client.address': leftmost }
    const span = tracer.startSpan('request', { attributes })
    response.on('close', () => span.end())
    context.with(trace.setSpan(context.active(), span), () => {
      for (const listener of listeners) listener.call(server, request, response)
    })
  })
}

class Noting implements SpanProcessor {
  readonly #sightings: Sightings

  constructor(sightings: Sightings) {
    this.#sightings = sightings
  }

  onStart(): void {}

  onEnd({ attributes }: ReadableSpan): void {
    this.#sightings.note(String(attributes['url.path']), 'span', attributes['client.address'])
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
