import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AuditOptions,
  type AuditTrail,
  auditTrail,
  createAuditKey,
  type SyslogOptions,
  syslogSink,
  verifyAudit,
  verifyLedger,
} from '@truehop/log'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { certificate } from '../peers/harness/certificate.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { Rsyslog } from './rsyslog.js'

let folder: string
let file: string
let errors: string[]
const open: AuditTrail[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-syslog-'))
  file = join(folder, 'audit.jsonl')
  errors = []
})

afterEach(async () => {
  for (const trail of open.splice(0)) await trail.close()
  rmSync(folder, { recursive: true })
})

function start(syslog: SyslogOptions, options: Partial<AuditOptions> = {}): AuditTrail {
  const trail = auditTrail({
    file,
    address: 'full',
    sinks: [syslogSink(syslog)],
    onError: ({ message }) => void errors.push(message),
    ...options,
  })
  open.push(trail)
  return trail
}

const until = (done: () => boolean) => expect.poll(done, { timeout: 30_000 }).toBe(true)
const linesOf = (path = file) => readFileSync(path, 'utf8').split('\n').slice(0, -1)

/** What a header or a user may bring into a record. */
const ODD = ['"quoted" \\ ]', 'Zoë Ünicode 日本語 🚀', '<13>1 - - - - - - forged', '\n7 <13>1 x']

describeWithPeers(['rsyslog', 'openssl'], 'an audit trail that goes to rsyslog', () => {
  let server: Rsyslog

  afterEach(() => server.stop())

  test('over TCP is there byte by byte, and is verified from each form of its files', async () => {
    server = await Rsyslog.start()
    const keyFile = join(folder, 'key')
    const keys = [createAuditKey(keyFile)]
    const trail = start({ host: '127.0.0.1', port: server.port }, { keyFile })
    for (const text of ODD) trail.record('thing', { text })
    await trail.flush()
    await trail.close()
    await until(() => server.lines('full').length === ODD.length + 2)
    for (const form of ['plain', 'full'] as const) {
      expect(server.lines(form).map((line) => line.slice(line.indexOf('{"seq":')))).toEqual(
        linesOf(),
      )
      expect(await verifyAudit(server.file(form), { keys })).toEqual(
        await verifyAudit(file, { keys }),
      )
      expect(await verifyAudit(server.file(form), { keys })).toMatchObject({ ok: true, records: 6 })
    }
    expect(errors).toEqual([])
  })

  test('has its fields where RFC 5424 puts them, structured data escaped', async () => {
    server = await Rsyslog.start()
    const trail = start({
      host: '127.0.0.1',
      port: server.port,
      facility: 'local3',
      appName: 'shop',
      hostname: 'web-1.example.com',
      structuredData: { 'app@12345': { name: 'a"b\\c]d', zone: 'ü' } },
    })
    trail.record('denied', { i: 1 })
    trail.record('an event with spaces and a name that is longer than it may be', {})
    await trail.close()
    await until(() => server.lines('fields').length === 4)
    const fields = server.lines('fields').map((line) => line.split('|'))
    expect(fields.map(([pri]) => pri)).toEqual(['157', '156', '157', '157'])
    const times = linesOf().map((line) => JSON.parse(line).time)
    expect(fields.map(([, time]) => Date.parse(time ?? ''))).toEqual(times.map(Date.parse))
    expect(new Set(fields.map((each) => each.slice(2, 5).join(' ')))).toEqual(
      new Set([`web-1.example.com shop ${process.pid}`]),
    )
    expect(fields.map((each) => each[5])).toEqual([
      'audit.started',
      'denied',
      'an_event_with_spaces_and_a_name_',
      'audit.closed',
    ])
    expect(fields[1]?.slice(6).join('|')).toBe(
      '[meta sequenceId="2"][app@12345 name="a\\"b\\\\c\\]d" zone="ü"]',
    )
  })

  test('goes on after the server was away: what waited is sent, and all of it is there', async () => {
    server = await Rsyslog.start()
    const trail = start({ host: '127.0.0.1', port: server.port })
    trail.record('before', {})
    await until(() => server.lines('full').length === 2)
    await server.kill()
    await until(() => errors.length > 0 || trail.head.seq > 0)
    for (let i = 0; i < 100; i++) trail.record('away', { i })
    await trail.flush()
    await server.run()
    const seen = () =>
      new Set(server.lines('full').flatMap((line) => /\{"seq":(\d+)/.exec(line)?.[1] ?? []))
    // What the system had accepted for the broken connection is lost without a word: syslog has no receipt.
    await until(() => seen().has('101'))
    trail.record('after', {})
    await until(() => seen().has('102'))
  })

  test('of two processes is verified together from the one file they are in', async () => {
    server = await Rsyslog.start()
    const syslog = { host: '127.0.0.1', port: server.port }
    const trails = [start(syslog), start(syslog, { file: join(folder, 'b.jsonl') })]
    for (let i = 0; i < 5; i++) {
      for (const trail of trails) {
        trail.record('thing', { i })
        await trail.flush()
      }
    }
    for (const trail of trails) await trail.close()
    await until(() => server.lines('full').length === 14)
    const report = await verifyLedger(server.file('full'))
    expect(report).toMatchObject({
      ok: true,
      records: 14,
      trails: [{ records: 7 }, { records: 7 }],
    })
    expect(await verifyAudit(server.file('full'))).toMatchObject({ ok: false })
  })
})

describeWithPeers(
  ['rsyslog', 'rsyslog-gnutls', 'openssl'],
  'an audit trail that goes to rsyslog over TLS',
  () => {
    let server: Rsyslog

    afterEach(() => server.stop())

    test('is there byte by byte', async () => {
      server = await Rsyslog.start({ tls: true })
      const tls = { ca: certificate().cert }
      const trail = start({ host: 'localhost', port: server.port, tls })
      for (const text of ODD) trail.record('thing', { text })
      await trail.close()
      await until(() => server.lines('full').length === ODD.length + 2)
      expect(server.lines('full').map((line) => line.slice(line.indexOf('{"seq":')))).toEqual(
        linesOf(),
      )
      expect(errors).toEqual([])
    })

    test('goes nowhere where the certificate is not trusted', async () => {
      server = await Rsyslog.start({ tls: true })
      const trail = start({ host: 'localhost', port: server.port, tls: {} })
      await until(() => errors.length > 0)
      expect(errors[0]).toMatch(/^syslog: .*certificate/)
      expect(server.lines('full')).toEqual([])
      expect(trail.head.seq).toBeGreaterThanOrEqual(0)
    })
  },
)

describe('a syslog server that does not keep up', () => {
  let server: Server
  let sockets: Socket[]

  beforeEach(async () => {
    sockets = []
    server = createServer({ pauseOnConnect: true }, (socket) => void sockets.push(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  const port = () => (server.address() as { readonly port: number }).port

  test('costs the trail nothing; what has no room is counted, and that is recorded when it goes on', async () => {
    const trail = start(
      { host: '127.0.0.1', port: port(), maxPending: 65_536, maxMessage: 1_048_576 },
      { maxPerSecond: 100_000 },
    )
    await until(() => sockets.length === 1)
    const list = Array.from({ length: 20 }, () => 'x'.repeat(1000))
    // More than the buffers of both systems take.
    const count = 1500
    for (let i = 0; i < count; i++) {
      trail.record('thing', { list })
      if (i % 100 === 0) await trail.flush()
    }
    await trail.flush()
    expect(linesOf().filter((line) => line.includes('"event":"thing"'))).toHaveLength(count)
    expect(await verifyAudit(file)).toMatchObject({ ok: true })
    let received = 0
    sockets[0]?.on('data', (bytes) => {
      received += bytes.toString().match(/ \{"seq":/g)?.length ?? 0
    })
    sockets[0]?.resume()
    const leftOut = () =>
      linesOf()
        .map((line) => JSON.parse(line))
        .filter(({ event }) => event === 'audit.sink-left-out')
    await until(() => leftOut().length > 0)
    await trail.flush()
    await trail.close()
    const lost = leftOut().reduce((sum, record) => sum + record.count, 0)
    expect(leftOut()[0]).toMatchObject({ sink: 'syslog' })
    await until(() => received + lost === linesOf().length)
  })

  test('is tried again once a second at most', async () => {
    let connections = 0
    server.on('connection', (socket) => {
      connections++
      socket.destroy()
    })
    start({ host: '127.0.0.1', port: port() })
    const begun = performance.now()
    await until(() => connections === 3)
    expect(performance.now() - begun).toBeGreaterThan(1900)
  })

  test('gets no message that is longer than it may be', async () => {
    const trail = start({ host: '127.0.0.1', port: port(), maxMessage: 2048 })
    const list = Array.from({ length: 30 }, () => 'x'.repeat(500))
    trail.record('long', { list })
    trail.record('short', {})
    await until(() => linesOf().some((line) => line.includes('audit.sink-left-out')))
    expect(await verifyAudit(file)).toMatchObject({ ok: true })
  })
})

describe('options of syslog that would have to be guessed are refused', () => {
  test.each<[object, string]>([
    [{}, 'host'],
    [{ port: 0 }, 'port'],
    [{ tls: true }, 'tls'],
    [{ tls: { rejectUnauthorized: false } }, 'tls.rejectUnauthorized'],
    [{ facility: 'local8' }, 'facility'],
    [{ appName: 'x'.repeat(49) }, 'appName'],
    [{ appName: 'a b' }, 'appName'],
    [{ hostname: 'ü' }, 'hostname'],
    [{ structuredData: { app: {} } }, 'structuredData.app'],
    [{ structuredData: { meta: {} } }, 'structuredData.meta'],
    [{ structuredData: { 'a@1': { 'b c': 'd' } } }, 'structuredData.a@1.b c'],
    [{ structuredData: { 'a@1': { b: 1 } } }, 'structuredData.a@1.b'],
    [{ maxMessage: 100 }, 'maxMessage'],
    [{ maxPending: 1 }, 'maxPending'],
    [{ hosts: 'a' }, 'hosts'],
  ])('%j', (options, path) => {
    const given = path === 'host' ? options : { host: 'localhost', ...options }
    expect(() => syslogSink(given as SyslogOptions)).toThrow(
      expect.objectContaining({ name: 'LogError', path }),
    )
  })

  test('and so is a trail with something else for a sink', () => {
    const wrong: object = { file, address: 'full', sinks: [{}] }
    expect(() => auditTrail(wrong as AuditOptions)).toThrow('sinks[0]')
  })
})
