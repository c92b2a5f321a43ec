import { createHash } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AuditOptions, type AuditTrail, auditTrail, verifyAudit } from '../src/index.js'
import { clientAt, clientVia } from './identities.js'

let folder: string
let file: string
let open: AuditTrail[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-audit-'))
  file = join(folder, 'audit.jsonl')
  open = []
})

afterEach(async () => {
  vi.useRealTimers()
  for (const trail of open) await trail.close()
  rmSync(folder, { recursive: true })
})

function start(options: Partial<AuditOptions> = {}): AuditTrail {
  const trail = auditTrail({
    ...(options.stream === undefined && { file }),
    address: 'full',
    ...options,
  })
  open.push(trail)
  return trail
}

const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1)
const recordsOf = (path: string) => linesOf(path).map((line) => JSON.parse(line))

/** A trail of `count` events between its first and its last record, as lines. */
async function trailOf(count: number): Promise<string[]> {
  const trail = start()
  for (let i = 0; i < count; i++) trail.record('thing', { i })
  await trail.close()
  return linesOf(file)
}

async function verifyLines(lines: readonly string[], ...options: [object?]) {
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
  return verifyAudit(file, ...options)
}

const codes = ({ findings }: { findings: readonly { code: string; line: number }[] }) =>
  findings.map(({ code, line }) => `${code}@${line}`)

describe('a trail', () => {
  test('is one object a line, numbered, and chained by SHA-256 over the bytes of the line', async () => {
    const lines = await trailOf(2)
    expect(lines.map((line) => JSON.parse(line).event)).toEqual([
      'audit.started',
      'thing',
      'thing',
      'audit.closed',
    ])
    let prev = '0'.repeat(64)
    lines.forEach((line, seq) => {
      const record = JSON.parse(line)
      const hashed = line.slice(0, line.lastIndexOf(',"hash"'))
      expect(record).toMatchObject({ seq, prev })
      expect(record.hash).toBe(createHash('sha256').update(hashed).digest('hex'))
      prev = record.hash
    })
    expect(await verifyAudit(file)).toEqual({
      ok: true,
      records: 4,
      torn: 0,
      complete: true,
      last: { seq: 3, hash: prev },
      closed: true,
      confirmed: undefined,
      sealed: 0,
      unusedKeys: [],
      acknowledged: [],
      findings: [],
      findingCount: 0,
    })
  })

  test('is readable by its owner alone', async () => {
    await trailOf(0)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('goes to a stream as well', async () => {
    const chunks: Buffer[] = []
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk)
        setImmediate(done)
      },
    })
    const trail = start({ stream })
    trail.record('thing', { i: 1 })
    await trail.close()
    async function* bytes() {
      for (const byte of Buffer.concat(chunks)) yield Buffer.from([byte])
    }
    expect(await verifyAudit(bytes())).toMatchObject({ ok: true, records: 3 })
  })

  test('records nothing after it was closed', async () => {
    const trail = start()
    await trail.close()
    trail.record('late', {})
    await trail.flush()
    expect(recordsOf(file).at(-1)).toMatchObject({ event: 'audit.closed' })
  })
})

describe('what happens to a trail is found', () => {
  test('a byte changed anywhere in any record', async () => {
    const lines = await trailOf(3)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(lines.length - 1),
        fc.nat(10_000),
        fc.integer({ min: 1, max: 94 }),
        async (at, where, by) => {
          const line = lines[at] ?? ''
          const i = where % line.length
          const changed = String.fromCharCode(32 + ((line.charCodeAt(i) - 32 + by) % 95))
          const altered = [...lines]
          altered[at] = line.slice(0, i) + changed + line.slice(i + 1)
          expect((await verifyLines(altered)).ok).toBe(false)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('an altered record', async () => {
    const lines = await trailOf(3)
    lines[2] = (lines[2] ?? '').replace('"i":1', '"i":7')
    expect(codes(await verifyLines(lines))).toEqual(['altered@3'])
  })

  test('an altered record with a new hash', async () => {
    const lines = await trailOf(3)
    const hashed = (lines[2] ?? '').replace('"i":1', '"i":7').split(',"hash"')[0] ?? ''
    lines[2] = `${hashed},"hash":"${createHash('sha256').update(hashed).digest('hex')}"}`
    expect(codes(await verifyLines(lines))).toEqual(['broken-chain@4'])
  })

  test('every single record that is removed, but for the last and the first', async () => {
    const lines = await trailOf(4)
    for (let at = 1; at < lines.length - 1; at++) {
      const report = await verifyLines(lines.toSpliced(at, 1))
      expect(codes(report)).toEqual([`removed@${at + 1}`])
      expect(report.findings[0]?.message).toBe(`records ${at} to ${at} are missing`)
    }
  })

  test('records that changed places', async () => {
    const lines = await trailOf(4)
    const [a = '', b = ''] = lines.slice(2, 4)
    const report = await verifyLines(lines.toSpliced(2, 2, b, a))
    expect(codes(report)).toEqual(['removed@3', 'out-of-order@4', 'removed@5'])
  })

  test('a record that is there twice, and one of another trail', async () => {
    const lines = await trailOf(3)
    expect(codes(await verifyLines(lines.toSpliced(2, 0, lines[1] ?? '')))).toEqual([
      'out-of-order@3',
    ])
    rmSync(file)
    const others = await trailOf(3)
    expect(codes(await verifyLines(lines.with(2, others[2] ?? '')))).toEqual([
      'broken-chain@3',
      'broken-chain@4',
    ])
  })

  test('a line that is not a record', async () => {
    const lines = await trailOf(2)
    expect(codes(await verifyLines(lines.toSpliced(1, 0, 'hello', '{}')))).toEqual([
      'no-record@2',
      'no-record@3',
    ])
  })

  test('the beginning cut off: the report says that it is not complete', async () => {
    const lines = await trailOf(3)
    const { hash } = JSON.parse(lines[0] ?? '')
    expect(await verifyLines(lines.slice(1))).toMatchObject({ ok: true, complete: false })
    expect(await verifyLines(lines.slice(1), { after: { seq: 0, hash } })).toMatchObject({
      ok: true,
    })
    expect(codes(await verifyLines(lines.slice(2), { after: { seq: 0, hash } }))).toEqual([
      'removed@1',
    ])
  })

  test('the end cut off: only by a head that was kept elsewhere', async () => {
    const trail = start()
    trail.record('thing', { i: 1 })
    await trail.flush()
    const head = trail.head
    trail.record('thing', { i: 2 })
    await trail.close()
    const lines = linesOf(file)
    expect(await verifyLines(lines, { anchors: [head, trail.head] })).toMatchObject({ ok: true })
    const cut = lines.slice(0, 3)
    expect(await verifyLines(cut)).toMatchObject({ ok: true })
    expect(codes(await verifyLines(cut, { anchors: [head, trail.head] }))).toEqual(['cut-off@0'])
  })

  test('all of it rewritten: only by a head that was kept elsewhere', async () => {
    const trail = start()
    await trail.close()
    rmSync(file)
    const forged = await trailOf(0)
    expect(await verifyLines(forged)).toMatchObject({ ok: true })
    expect(codes(await verifyLines(forged, { anchors: [trail.head] }))).toEqual(['rewritten@2'])
  })

  test('two heads kept for one record: at least one is of another trail, whichever comes first', async () => {
    const trail = start()
    await trail.close()
    const lines = linesOf(file)
    const other = { seq: trail.head.seq, hash: 'ab'.repeat(32) }
    for (const anchors of [
      [trail.head, other],
      [other, trail.head],
    ]) {
      expect(codes(await verifyLines(lines, { anchors }))).toEqual(['rewritten@2'])
    }
    const same = await verifyLines(lines, { anchors: [trail.head, trail.head] })
    expect(same).toMatchObject({ ok: true })
  })

  test('another trail in its place, begun in the same moment and with the same events', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2025, 10, 20) })
    const trail = start()
    await trail.close()
    rmSync(file)
    const other = await trailOf(0)
    expect(codes(await verifyLines(other, { anchors: [trail.head] }))).toEqual(['rewritten@2'])
  })

  test('many findings are counted, a hundred are reported', async () => {
    const report = await verifyLines(Array(300).fill('x'))
    expect(report.findings).toHaveLength(100)
    expect(report.findingCount).toBe(300)
  })
})

describe('a trail goes on', () => {
  test('in the same file, when the process starts again', async () => {
    await trailOf(1)
    await trailOf(1)
    expect(recordsOf(file).map(({ event }) => event)).toEqual([
      'audit.started',
      'thing',
      'audit.closed',
      'audit.resumed',
      'thing',
      'audit.closed',
    ])
    expect(await verifyAudit(file)).toMatchObject({ ok: true, records: 6, complete: true })
  })

  test('after a crash in the middle of a line', async () => {
    await trailOf(1)
    appendFileSync(file, '{"seq":3,"time":"2025-11-20T18:5')
    await trailOf(1)
    expect(await verifyAudit(file)).toMatchObject({ ok: true, records: 6, torn: 1 })
  })

  const TORN = '{"seq":3,"time":"2025-11-20T18:5'

  test.each<[string, (lines: string[]) => string[], string]>([
    ['removed', (lines) => lines.toSpliced(3, 1), 'removed@4'],
    [
      'rewritten at the same length',
      (lines) => lines.with(3, TORN.replace('2025', '2024')),
      'no-record@4',
    ],
  ])('a line that a crash left, %s, is found', async (_name, spoil, finding) => {
    await trailOf(1)
    appendFileSync(file, TORN)
    await trailOf(1)
    expect(codes(await verifyLines(spoil(linesOf(file))))).toEqual([finding])
  })

  test('a byte changed inside a replacement character is found', async () => {
    const trail = start()
    trail.record('thing', { text: '\ufffd' })
    await trail.close()
    const bytes = readFileSync(file)
    const at = bytes.indexOf(Buffer.from('\ufffd'))
    // Bytes that are no UTF-8, which every decoder shows as the same character.
    bytes.fill(0xff, at, at + 1)
    writeFileSync(file, Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at + 3)]))
    expect(codes(await verifyAudit(file))).toEqual(['altered@2'])
  })

  test('the missing line end of the last record is found', async () => {
    const lines = await trailOf(1)
    writeFileSync(file, lines.join('\n'))
    expect(codes(await verifyAudit(file))).toEqual(['altered@3'])
  })

  test('what an operator did has its place whatever clients cause', async () => {
    const trail = start({ maxPerSecond: 1 })
    for (let i = 0; i < 50; i++) trail.record('denied', { i })
    trail.record('policy-replaced', { version: 2 })
    await trail.close()
    const events = recordsOf(file).map(({ event }) => event)
    expect(events).toContain('policy-replaced')
    expect(events.filter((event) => event === 'denied').length).toBeLessThan(3)
  })

  test('an action in the inspector has its place whatever clients cause, once it was let through', async () => {
    const trail = start({ maxPerSecond: 1 })
    const action = channel('truehop.inspector.action')
    for (let i = 0; i < 50; i++) trail.record('denied', { i })
    for (let i = 0; i < 50; i++) action.publish({ action: 'unknown', outcome: 'refused' })
    action.publish({ action: 'reset', outcome: 'done' })
    await trail.close()
    const records = recordsOf(file).filter(({ event }) => event === 'operator-action')
    const outcomes = records.map(({ facts }) => facts.outcome)
    expect(outcomes).toContain('done')
    expect(outcomes.length).toBeLessThan(4)
  })

  test('a line spoilt later is not taken for one that a crash left', async () => {
    await trailOf(1)
    appendFileSync(file, '{"seq":3,"time":"2025-11-20T18:5')
    await trailOf(1)
    const lines = linesOf(file)
    expect(codes(await verifyLines(lines.with(3, 'something else')))).toEqual(['no-record@4'])
  })

  test('over its own rotation: the first record of a file carries the last hash of the one before', async () => {
    const trail = start({ maxBytes: 65_536, maxPerSecond: 100_000 })
    for (let i = 0; i < 800; i++) {
      trail.record('thing', { i, text: 'x'.repeat(400) })
      if (i % 50 === 0) await trail.flush()
    }
    await trail.close()
    const aside = readdirSync(folder)
      .filter((name) => name !== 'audit.jsonl')
      .sort((a, b) => Number(a.split('-').at(-1)) - Number(b.split('-').at(-1)))
    expect(aside.length).toBeGreaterThan(2)
    const files = [...aside, 'audit.jsonl'].map((name) => join(folder, name))
    for (const [i, path] of files.entries()) {
      const before = files[i - 1]
      if (before === undefined) continue
      expect(recordsOf(path)[0]).toMatchObject({
        event: 'audit.continued',
        prev: recordsOf(before).at(-1).hash,
        from: aside[i - 1],
      })
    }
    expect(await verifyAudit(files)).toMatchObject({ ok: true, complete: true })
    expect((await verifyAudit(files.toSpliced(1, 1))).findings[0]).toMatchObject({
      code: 'removed',
    })
    const events = files.flatMap(recordsOf).filter(({ event }) => event === 'thing')
    expect(events.map(({ facts }) => facts.i)).toEqual([...Array(800).keys()])
  })

  test("over somebody else's rotation, after reopen", async () => {
    const trail = start()
    trail.record('thing', { i: 1 })
    await trail.flush()
    renameSync(file, `${file}.1`)
    trail.record('thing', { i: 2 })
    await trail.reopen()
    trail.record('thing', { i: 3 })
    await trail.close()
    expect(recordsOf(`${file}.1`).map(({ event }) => event)).toEqual([
      'audit.started',
      'thing',
      'thing',
    ])
    expect(recordsOf(file).map(({ event }) => event)).toEqual([
      'audit.continued',
      'thing',
      'audit.closed',
    ])
    expect(await verifyAudit([`${file}.1`, file])).toMatchObject({ ok: true, records: 6 })
  })

  test('from a head that was kept elsewhere', async () => {
    const first = start()
    await first.close()
    renameSync(file, `${file}.1`)
    const second = start({ after: first.head })
    await second.close()
    expect(await verifyAudit([`${file}.1`, file])).toMatchObject({ ok: true, records: 4 })
  })

  test('after a file whose end is not its own, where verification finds the break', async () => {
    writeFileSync(file, 'not a trail\n')
    await trailOf(1)
    expect(codes(await verifyAudit(file))).toEqual(['no-record@1'])
  })
})

describe('bounds', () => {
  test('more events than a second allows are counted and reported', async () => {
    const trail = start({ maxPerSecond: 5 })
    for (let i = 0; i < 50; i++) trail.record('flood', { i })
    await trail.close()
    const records = recordsOf(file)
    const left = records.filter(({ event }) => event === 'audit.left-out')
    const kept = records.filter(({ event }) => event === 'flood').length
    expect(left).toHaveLength(1)
    expect(kept + left[0].counts.flood).toBe(50)
    expect(kept).toBeLessThanOrEqual(10)
  })

  test('events that cannot be written wait in bounded memory, and are written in their order later', async () => {
    let broken = true
    const chunks: string[] = []
    const errors: Error[] = []
    const waiting: (() => void)[] = []
    const stream = new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, done) {
        if (broken) return void waiting.push(() => done())
        chunks.push(chunk)
        done()
      },
    })
    const trail = start({
      stream,
      maxPending: 65_536,
      maxPerSecond: 100_000,
      onError: (error) => errors.push(error),
    })
    await new Promise((later) => setTimeout(later, 5))
    for (let i = 0; i < 1000; i++) trail.record('thing', { i, text: 'x'.repeat(400) })
    broken = false
    chunks.push(JSON.stringify({ seq: 'held by the first write' }))
    for (const go of waiting.splice(0)) go()
    await trail.close()
    const records = chunks
      .slice(1)
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const kept = records.filter(({ event }) => event === 'thing').map(({ facts }) => facts.i)
    expect(kept.length).toBeGreaterThan(50)
    expect(kept).toEqual([...Array(kept.length).keys()])
    expect(records.find(({ event }) => event === 'audit.left-out').counts).toEqual({
      thing: 1000 - kept.length,
    })
    expect(errors).toEqual([])
  })

  test('a stream that fails is reported, and does not end the process', async () => {
    const errors: string[] = []
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(new Error('disk full')),
    })
    const trail = start({ stream, onError: ({ message }) => errors.push(message) })
    await trail.flush()
    expect(errors).toEqual(['disk full'])
  })

  test('texts and nested values of an event are cut', async () => {
    const trail = start()
    const deep: Record<string, unknown> = {}
    deep['self'] = deep
    trail.record('thing', {
      text: 'x'.repeat(100_000),
      many: Array(1000).fill(1),
      deep,
      call: () => {},
      bytes: new Uint8Array(100_000),
    })
    await trail.close()
    const { facts } = recordsOf(file)[1]
    expect(facts.text).toHaveLength(1025)
    expect(facts.many).toHaveLength(32)
    expect(facts.bytes).toHaveLength(128)
    expect(facts).not.toHaveProperty('call')
    expect((linesOf(file)[1] ?? '').length).toBeLessThan(2000)
  })
})

describe('anchors', () => {
  test('get the head after a given number of records', async () => {
    const heads: number[] = []
    const trail = start({ anchor: { every: 3, to: ({ seq }) => heads.push(seq) } })
    await trail.flush()
    for (let i = 0; i < 10; i++) {
      trail.record('thing', { i })
      await trail.flush()
    }
    expect(heads).toEqual([0, 3, 6, 9])
  })

  test('whose callback throws are reported as an error; no record is lost, the process goes on', async () => {
    const errors: string[] = []
    const trail = start({
      anchor: {
        every: 1,
        to: ({ seq }) => {
          throw new Error(`nowhere to keep ${seq}`)
        },
      },
      onError: ({ message }) => errors.push(message),
    })
    await trail.flush()
    trail.record('thing', { i: 1 })
    await trail.flush()
    expect(errors).toEqual(['nowhere to keep 0', 'nowhere to keep 1'])
    await trail.close()
    expect(await verifyAudit(file)).toMatchObject({ ok: true, records: 3 })
  })

  const failing = (what: string) => () => {
    throw new Error(what)
  }
  const rejecting = (what: string) => async () => {
    throw new Error(what)
  }

  test('whose callback rejects are reported as an error too', async () => {
    const errors: string[] = []
    const anchor = { every: 10, to: rejecting('no anchor') }
    const trail = start({ anchor, onError: ({ message }) => errors.push(message) })
    await trail.flush()
    await new Promise((resolve) => setImmediate(resolve))
    expect(errors).toEqual(['no anchor'])
  })

  test.each([
    ['throws', failing],
    ['rejects', rejecting],
  ])('and an onError that %s itself: both become warnings of the process', async (_, making) => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const trail = start({
      anchor: { every: 10, to: making('no anchor') },
      onError: making('no pager'),
    })
    await trail.flush()
    await new Promise((resolve) => setImmediate(resolve))
    expect(warnings.mock.calls.map(([text]) => text)).toEqual([
      'the audit trail could not be written: no anchor',
      'the audit trail could not be written: no pager',
    ])
    warnings.mockRestore()
  })
})

describe('what is recorded', () => {
  const request = { method: 'GET', url: '/x?token=secret' }
  const publish = (name: string, message: object) => channel(name).publish(message)

  async function recorded(options: Partial<AuditOptions> = {}) {
    await open.at(-1)?.close()
    return recordsOf(file)
      .slice(1, -1)
      .map(({ seq: _, time: __, prev: ___, hash: ____, ...rest }) => rest)
      .map((record) => ({ ...options, ...record }))
  }

  test('denied and would-be denied clients, and nobody who was allowed', async () => {
    start()
    const decision = {
      allowed: false,
      enforced: true,
      list: 'deny',
      entry: '203.0.113.0/24',
      source: 'drop',
      reason: 'deny-entry',
      name: 'default',
      client: '203.0.113.9',
      identity: clientVia('203.0.113.9'),
    }
    publish('truehop.allowlist.decision', { decision, request })
    publish('truehop.allowlist.decision', { decision: { ...decision, enforced: false }, request })
    publish('truehop.allowlist.decision', { decision: { ...decision, allowed: true }, request })
    const { client: _, identity: __, ...facts } = decision
    const who = {
      client: '203.0.113.9',
      peer: '10.0.0.1',
      peerPort: 40_000,
      identity: {
        status: 'resolved',
        source: 'x-forwarded-for',
        reason: 'first-untrusted',
        rule: 'edge',
      },
      request: { method: 'GET', path: '/x' },
    }
    expect(await recorded()).toEqual([
      { event: 'denied', ...who, facts },
      { event: 'would-deny', ...who, facts: { ...facts, enforced: false } },
    ])
  })

  test('limited clients', async () => {
    start()
    class Quota {
      readonly name = 'login'
      readonly limit = 5
    }
    const decision = {
      allowed: false,
      reason: 'quota-exceeded',
      quotas: [new Quota()],
      retryAfter: 30,
      identity: clientAt('203.0.113.9'),
    }
    publish('truehop.rate_limit.decision', { decision, request })
    publish('truehop.rate_limit.decision', { decision: { ...decision, allowed: true }, request })
    expect(await recorded()).toEqual([
      expect.objectContaining({
        event: 'limited',
        client: '203.0.113.9',
        facts: { allowed: false, reason: 'quota-exceeded', quotas: ['login'], retryAfter: 30 },
      }),
    ])
  })

  test('undetermined clients, with the last trusted hop', async () => {
    start()
    publish('truehop.identity.undetermined', { identity: clientVia('unknown'), request })
    expect(await recorded()).toEqual([
      expect.objectContaining({
        event: 'undetermined',
        client: 'unknown',
        identity: expect.objectContaining({
          reason: 'unidentified-node',
          lastTrustedHop: '10.0.0.1',
        }),
      }),
    ])
  })

  test('refused connections, without the objects of the server', async () => {
    start()
    const refusal = {
      reason: 'http-without-header',
      message: 'an HTTP request where a PROXY header must be',
      peer: '198.51.100.7',
      peerPort: 1234,
      firstBytes: Buffer.from('GET / '),
    }
    publish('truehop.proxy_protocol.refused', { server: new (class Server {})(), refusal })
    expect(await recorded()).toEqual([
      { event: 'connection-refused', facts: { ...refusal, firstBytes: '474554202f20' } },
    ])
  })

  test.each(['truncated', 'hmac'] as const)(
    'refused connections without what gives a %s address away',
    async (address) => {
      start({ address, ...(address === 'hmac' && { hmac: { key: 'ephemeral' } }) })
      const firstBytes = Buffer.from('PROXY TCP4 203.0.113.9 10.0.0.1 ')
      publish('truehop.proxy_protocol.refused', {
        refusal: {
          reason: 'untrusted-peer',
          message: '198.51.100.7:51442 sent a PROXY header to 10.0.0.1:443 but is not in "from"',
          peer: '198.51.100.7',
          peerPort: 51_442,
          localPort: 443,
          firstBytes,
        },
      })
      const [record] = await recorded()
      expect(record).toEqual({
        event: 'connection-refused',
        facts: { reason: 'untrusted-peer', peer: expect.any(String), localPort: 443 },
      })
      const text = readFileSync(file, 'utf8')
      for (const secret of ['198.51.100.7', '203.0.113.9', '51442', firstBytes.toString('hex')]) {
        expect(text).not.toContain(secret)
      }
    },
  )

  test('replaced policies and lists, and updated ranges', async () => {
    start()
    publish('truehop.policy.replaced', { version: 2 })
    publish('truehop.ranges.updated', { name: 'cloudflare', size: 22 })
    publish('truehop.allowlist.replaced', { name: 'default', allow: 1, deny: 0 })
    expect((await recorded()).map(({ event, facts }) => [event, facts])).toEqual([
      ['policy-replaced', { version: 2 }],
      ['ranges-updated', { name: 'cloudflare', size: 22 }],
      ['lists-replaced', { name: 'default', allow: 1, deny: 0 }],
    ])
  })

  test('addresses in the form that was chosen, wherever they are', async () => {
    start({ address: 'truncated' })
    publish('truehop.allowlist.decision', {
      decision: {
        allowed: false,
        entry: '203.0.113.9',
        reason: 'deny-entry',
        identity: clientVia('203.0.113.9'),
      },
      note: 'seen from 203.0.113.9:443',
      request,
    })
    const [record] = await recorded()
    expect(record).toMatchObject({
      client: '203.0.113.0',
      facts: { entry: '203.0.113.0', note: 'seen from 203.0.113.0' },
    })
    expect(record).not.toHaveProperty('peerPort')
  })

  test('its own names are not for others', () => {
    expect(() => start().record('audit.resumed', { torn: 5 })).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    )
  })
})

const unwritten = join(tmpdir(), `truehop-audit-${process.pid}-never-written.jsonl`)

test.each<[string, object, string, string]>([
  ['neither file nor stream', { address: 'full' }, 'bad-option', 'file'],
  ['both', { address: 'full', file: unwritten, stream: process.stdout }, 'bad-option', 'file'],
  ['no word on addresses', { file: unwritten }, 'bad-option', 'address'],
  ['a file too small', { file: unwritten, address: 'full', maxBytes: 1 }, 'bad-option', 'maxBytes'],
  ['no room', { file: unwritten, address: 'full', maxPending: 1 }, 'bad-option', 'maxPending'],
  [
    'no events',
    { file: unwritten, address: 'full', maxPerSecond: 0 },
    'bad-option',
    'maxPerSecond',
  ],
  [
    'no anchor',
    { file: unwritten, address: 'full', anchor: { every: 0 } },
    'bad-option',
    'anchor.every',
  ],
  [
    'nobody to tell',
    { file: unwritten, address: 'full', anchor: { every: 9 } },
    'bad-option',
    'anchor.to',
  ],
  [
    'a head that is none',
    { file: unwritten, address: 'full', after: { seq: 5, hash: 'x' } },
    'bad-option',
    'after.hash',
  ],
  ['a stream that is none', { stream: 'stdout', address: 'full' }, 'bad-option', 'stream'],
  ['no callback', { file: unwritten, address: 'full', onError: 'log' }, 'bad-option', 'onError'],
  ['an unknown option', { file: unwritten, address: 'full', path: 'x' }, 'unknown-option', 'path'],
])('%s is an error with a code and a path', (_name, options, code, path) => {
  expect(() => auditTrail(options as AuditOptions)).toThrow(
    expect.objectContaining({ name: 'LogError', code, path }),
  )
  // Nothing is opened, or written, before all options are known to be good.
  expect(existsSync(unwritten)).toBe(false)
})
