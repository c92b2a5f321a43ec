import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { acceptProxyProtocol, encode, LOCAL_HEADER } from '@truehop/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { observe } from '../src/opentelemetry.js'

function reader() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reading = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reading] })
  onTestFinished(() => provider.shutdown())
  const read = async () => {
    exporter.reset()
    await reading.forceFlush()
    const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics)
    return Object.fromEntries(
      metrics
        .flatMap((scope) => scope.metrics)
        .map(({ descriptor, dataPoints }) => [
          descriptor.name.replace('truehop.proxy_protocol.', ''),
          dataPoints.map(({ attributes, value }) => [attributes, value]),
        ]),
    )
  }
  return { meter: provider.getMeter('test'), read }
}

async function receiver(name?: string) {
  const server: Server = createServer((socket) => socket.on('error', () => {}).end())
  const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'], name })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
  })
  await once(server, 'listening')
  return { handle, port: (server.address() as AddressInfo).port }
}

async function sent(port: number, bytes: Uint8Array | string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  socket.write(bytes)
  await once(socket, 'close')
}

test('receivers are counted by version, reason and name; those of one name are added up', async () => {
  const { meter, read } = reader()
  const [a, again, unnamed] = [await receiver('a'), await receiver('a'), await receiver()]
  const receivers = [a.handle]
  const stop = observe(meter, { servers: receivers })
  receivers.push(again.handle, unnamed.handle)

  const line = 'PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n'
  await sent(a.port, line)
  await sent(again.port, line)
  await sent(again.port, encode(LOCAL_HEADER))
  await sent(unnamed.port, 'EHLO a\r\n')

  const A = { 'truehop.listener.name': 'a' }
  const byVersion = (version: number) => ({ 'truehop.proxy_protocol.version': version })
  expect(await read()).toEqual({
    accepted: [
      [{ ...A, ...byVersion(1) }, 2],
      [{ ...A, ...byVersion(2) }, 1],
      [byVersion(1), 0],
      [byVersion(2), 0],
    ],
    header_in_payload: [
      [A, 0],
      [{}, 0],
    ],
    'header.duration': [[A, expect.objectContaining({ count: 3 })]],
    local: [
      [A, 1],
      [{}, 0],
    ],
    direct: [
      [A, 0],
      [{}, 0],
    ],
    probes: [
      [A, 0],
      [{}, 0],
    ],
    pending: [
      [A, 0],
      [{}, 0],
    ],
    refused: [[{ 'truehop.proxy_protocol.reason': 'missing' }, 1]],
  })
  stop()
  await sent(a.port, line)
  expect((await read())['accepted']).toContainEqual([{ ...A, ...byVersion(1) }, 2])
})
