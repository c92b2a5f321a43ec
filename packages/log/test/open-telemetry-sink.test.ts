import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditTrail, type LogEmitter, openTelemetrySink, verifyAudit } from '../src/index.js'
import { clientAt } from './identities.js'

let folder: string
let file: string
let server: Server
/** The bodies that were sent to `/v1/logs`, as a collector's file exporter writes them. */
let exported: string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-otlp-'))
  file = join(folder, 'audit.jsonl')
  exported = []
  server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    expect([request.url, request.headers['content-type']]).toEqual(['/v1/logs', 'application/json'])
    exported.push(Buffer.concat(parts).toString())
    response.setHeader('content-type', 'application/json').end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

function provider(): LoggerProvider {
  const { port } = server.address() as { readonly port: number }
  const exporter = new OTLPLogExporter({ url: `http://127.0.0.1:${port}/v1/logs` })
  return new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] })
}

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface ExportedRecord {
  readonly timeUnixNano: string
  readonly severityNumber: number
  readonly severityText: string
  readonly eventName: string
  readonly body: { readonly stringValue: string }
  readonly attributes: readonly Attribute[]
}

/** By the JSON form of the OpenTelemetry protocol. */
function recordsIn(text: string): ExportedRecord[] {
  const { resourceLogs } = JSON.parse(text)
  return resourceLogs.flatMap(({ scopeLogs }: { scopeLogs: { logRecords: ExportedRecord[] }[] }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords),
  )
}

describe('an audit trail that goes to OpenTelemetry', () => {
  test('arrives by OTLP over HTTP with its time, severity, name, parties and the record itself', async () => {
    const logs = provider()
    const trail = auditTrail({
      file,
      address: 'truncated',
      sinks: [openTelemetrySink(logs.getLogger('audit'))],
    })
    trail.record('denied', { identity: clientAt('203.0.113.9'), text: 'Zoë "x" 🚀' })
    await trail.close()
    await logs.shutdown()
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
    const records = exported.flatMap(recordsIn)
    expect(records.map(({ body }) => body.stringValue)).toEqual(lines)
    expect(records.map(({ eventName }) => eventName)).toEqual([
      'truehop.audit.started',
      'truehop.audit.denied',
      'truehop.audit.closed',
    ])
    const [, denied] = records
    const written = JSON.parse(lines[1] ?? '')
    expect(denied).toMatchObject({ severityNumber: 13, severityText: 'WARN' })
    expect(denied?.timeUnixNano).toBe(`${Date.parse(written.time)}000000`)
    expect(
      Object.fromEntries(denied?.attributes.map(({ key, value }) => [key, value]) ?? []),
    ).toEqual({
      'truehop.audit.event': { stringValue: 'denied' },
      'truehop.audit.seq': { intValue: 1 },
      'client.address': { stringValue: '203.0.113.0' },
      'network.peer.address': { stringValue: '203.0.113.0' },
    })
  })

  test('is verified from the lines of JSON that a collector writes', async () => {
    const logs = provider()
    const trail = auditTrail({
      file,
      address: 'full',
      sinks: [openTelemetrySink(logs.getLogger('audit'))],
    })
    for (let i = 0; i < 50; i++) trail.record('thing', { i, text: 'Zoë 🚀 "x" \\' })
    await trail.flush()
    await logs.forceFlush()
    trail.record('thing', {})
    await trail.close()
    await logs.shutdown()
    const collected = join(folder, 'collected.jsonl')
    writeFileSync(collected, exported.map((line) => `${line}\n`).join(''))
    expect(await verifyAudit(collected)).toEqual(await verifyAudit(file))
    const altered = exported.map((line) => line.replace('\\"i\\":7', '\\"i\\":8'))
    writeFileSync(collected, altered.map((line) => `${line}\n`).join(''))
    const { findings } = await verifyAudit(collected)
    expect(findings.map(({ code }) => code)).toEqual(['altered'])
  })

  test('loses no record of its file where the logger throws', async () => {
    const errors: string[] = []
    const logger: LogEmitter = {
      emit: () => {
        throw new Error('no exporter')
      },
    }
    const onError = ({ message }: Error): void => void errors.push(message)
    const trail = auditTrail({ file, address: 'full', sinks: [openTelemetrySink(logger)], onError })
    await trail.close()
    expect(errors).toEqual(['no exporter', 'no exporter'])
    expect(await verifyAudit(file)).toMatchObject({ ok: true, records: 2 })
  })

  test('needs a logger', () => {
    const wrong: unknown = {}
    expect(() => openTelemetrySink(wrong as LogEmitter)).toThrow("logs.getLogger('audit')")
  })
})
