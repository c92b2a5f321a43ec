import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { definePolicy, resolve } from '@truehop/identity'
import {
  type AuditOptions,
  type AuditSink,
  auditTrail,
  type CheckpointOptions,
  createAuditKey,
  createCheckpointKey,
  verifyAudit,
} from '@truehop/log'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'

const CLIENT = '198.51.100.7'
const KEY = 'a key of sixteen bytes, or more'
const TAKES_ALL = 1_000_000_000

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-audit-options-'))
  file = join(folder, 'audit.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

interface AuditRecord {
  readonly seq: number
  readonly event: string
  readonly prev: string
  readonly hash: string
  readonly facts?: { readonly i?: number }
  readonly counts?: Readonly<Record<string, number>>
}

const identityFor = (peer: string) => resolve(definePolicy({ hops: [] }), { peer })
const recordsIn = (text: string): AuditRecord[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

/** Writes a trail with these records of the application's, and gives all that it holds. */
type Trail = (
  options: Partial<AuditOptions>,
  messages?: readonly object[],
  pace?: 'at once' | 'one by one',
) => Promise<readonly AuditRecord[]>

const written: Trail = async (
  options,
  messages = [{ identity: identityFor(CLIENT) }],
  pace = 'at once',
) => {
  const into = options.stream === undefined ? { file } : {}
  const trail = auditTrail({ ...into, address: 'full', ...options })
  for (const message of messages) {
    if (pace === 'one by one') await trail.flush()
    trail.record('blocked', message)
  }
  if (pace === 'one by one') await trail.flush()
  await trail.close()
  return options.stream === undefined ? recordsIn(readFileSync(file, 'utf8')) : []
}

const blocked = (records: readonly AuditRecord[]) =>
  records.filter(({ event }) => event === 'blocked')

/** The record of a client holds the one text and not the other. */
const shows = (option: string, value: string, options: Partial<AuditOptions>, text: string) => ({
  option,
  value,
  sees: async (trail: Trail) => {
    const line = JSON.stringify(blocked(await trail(options)))
    expect(line).toContain(text)
    if (!text.includes(CLIENT)) expect(line).not.toContain(CLIENT)
  },
})

/** A client's address is the same token twice, and another client's another one. */
const tokens = (option: string, value: string, options: Partial<AuditOptions>) => ({
  option,
  value,
  sees: async (trail: Trail) => {
    const clients = [CLIENT, CLIENT, '203.0.113.9']
    const messages = clients.map((peer) => ({ identity: identityFor(peer) }))
    const records = blocked(await trail({ address: 'hmac', ...options }, messages))
    const [first, second, other] = records.map(
      (record) => /hmac-[\da-f]{32}/.exec(JSON.stringify(record))?.[0],
    )
    expect(first).toBeDefined()
    expect(second).toBe(first)
    expect(other).not.toBe(first)
  },
})

const many = (count: number) => Array.from({ length: count }, (_, i) => ({ i }))
const leftOut = (records: readonly AuditRecord[]) =>
  records.flatMap(({ counts }) => counts?.['blocked'] ?? []).reduce((sum, each) => sum + each, 0)

const HASH = 'ab'.repeat(32)

const WHERE: readonly OptionCase<Trail>[] = [
  {
    option: 'file',
    value: 'a path',
    sees: async (trail) => {
      expect((await trail({})).map(({ event }) => event)).toEqual([
        'audit.started',
        'blocked',
        'audit.closed',
      ])
      expect(await verifyAudit(file)).toMatchObject({ ok: true, records: 3 })
    },
  },
  {
    option: 'stream',
    value: 'a Writable',
    sees: async (trail) => {
      let text = ''
      const stream = new Writable({
        write(chunk, _encoding, done) {
          text += String(chunk)
          done()
        },
      })
      await trail({ stream })
      expect(blocked(recordsIn(text))).toHaveLength(1)
      await expect(trail({ stream, file })).rejects.toThrow('not both')
    },
  },
  {
    option: 'maxBytes',
    value: '65536',
    sees: async (trail) => {
      // Each has two hashes and a time in it, so that 65,536 bytes hold fewer than 300.
      await trail({ maxBytes: 65_536, maxPerSecond: 100_000 }, many(300), 'one by one')
      expect(readdirSync(folder).length).toBeGreaterThan(1)
    },
  },
  {
    option: 'maxBytes',
    value: 'as large as numbers are',
    sees: async (trail) => {
      const maxBytes = Number.MAX_SAFE_INTEGER
      await trail({ maxBytes, maxPerSecond: 100_000 }, many(300), 'one by one')
      expect(readdirSync(folder)).toEqual(['audit.jsonl'])
    },
  },
]

const SHOWN: readonly OptionCase<Trail>[] = [
  shows('address', 'full', { address: 'full' }, `"${CLIENT}"`),
  shows('address', 'truncated', { address: 'truncated' }, '"198.51.100.0"'),
  shows('address', 'none', { address: 'none' }, '"resolved"'),
  shows('keep', 'an object', { address: 'truncated', keep: {} }, '"198.51.100.0"'),
  shows('keep.ipv4', '1', { address: 'truncated', keep: { ipv4: 1 } }, '"128.0.0.0"'),
  shows('keep.ipv4', '31', { address: 'truncated', keep: { ipv4: 31 } }, '"198.51.100.6"'),
  ...(['1', '127'] as const).map((bits) => ({
    option: 'keep.ipv6',
    value: bits,
    sees: async (trail: Trail) => {
      const keep = { ipv6: Number(bits) }
      const identity = identityFor('2001:db8::ff')
      const records = await trail({ address: 'truncated', keep }, [{ identity }])
      const shown = bits === '1' ? '"::"' : '"2001:db8::fe"'
      expect(JSON.stringify(blocked(records))).toContain(shown)
    },
  })),
  shows('address', 'hmac', { address: 'hmac', hmac: { key: KEY } }, '"hmac-'),
  {
    option: 'hmac',
    value: 'an object',
    sees: async (trail) => {
      await expect(trail({ address: 'hmac' })).rejects.toThrow('hmac')
      await expect(trail({ address: 'full', hmac: { key: KEY } })).rejects.toThrow('hmac')
    },
  },
  tokens('hmac.key', 'ephemeral', { hmac: { key: 'ephemeral' } }),
  tokens('hmac.key', 'a string', { hmac: { key: KEY } }),
  tokens('hmac.key', 'bytes', { hmac: { key: Buffer.from(KEY) } }),
  tokens('hmac.period', '60', { hmac: { key: KEY, period: 60 } }),
  tokens('hmac.period', '31622400', { hmac: { key: KEY, period: 31_622_400 } }),
]

const BOUNDS: readonly OptionCase<Trail>[] = [
  {
    option: 'maxPerSecond',
    value: '1',
    sees: async (trail) => {
      const records = await trail({ maxPerSecond: 1 }, many(50))
      // Two, where the second changes in between.
      expect(blocked(records).length).toBeLessThan(3)
      expect(blocked(records).length + leftOut(records)).toBe(50)
    },
  },
  {
    option: 'maxPerSecond',
    value: '100000',
    sees: async (trail) => {
      const records = await trail({ maxPerSecond: 100_000 }, many(1000))
      expect(blocked(records)).toHaveLength(1000)
    },
  },
  {
    option: 'maxPending',
    value: '65536',
    sees: async (trail) => {
      const options = { maxPending: 65_536, maxPerSecond: 100_000 }
      const records = await trail(options, many(2000))
      // Nothing is written before the loop turns: a record is longer than 40 characters.
      expect(blocked(records).length).toBeLessThan(65_536 / 40)
      expect(blocked(records).length + leftOut(records)).toBe(2000)
    },
  },
  {
    option: 'maxPending',
    value: '2147483647',
    sees: async (trail) => {
      const options = { maxPending: 2_147_483_647, maxPerSecond: 100_000 }
      expect(blocked(await trail(options, many(2000)))).toHaveLength(2000)
    },
  },
]

/** Where a trail goes on whose last record was this one. */
const after = (seq: number, hash: string) => async (trail: Trail) => {
  const [first] = await trail({ after: { seq, hash } })
  expect(first).toMatchObject({ seq: seq + 1, prev: hash })
}

const HEADS: readonly OptionCase<Trail>[] = [
  { option: 'after', value: 'a head', sees: after(41, HASH) },
  { option: 'after.seq', value: '-1', sees: after(-1, '0'.repeat(64)) },
  { option: 'after.seq', value: 'as large as numbers are', sees: after(2 ** 40, HASH) },
  { option: 'after.hash', value: '64 hexadecimal digits', sees: after(7, HASH) },
  {
    option: 'anchor',
    value: 'an object',
    sees: async (trail) => {
      const anchors: { readonly seq: number; readonly hash: string }[] = []
      const records = await trail({ anchor: { every: 2, to: (head) => void anchors.push(head) } })
      expect(anchors.length).toBeGreaterThan(0)
      for (const { seq, hash } of anchors) expect(records[seq]).toMatchObject({ hash })
      expect(await verifyAudit(file, { anchors })).toMatchObject({ ok: true })
    },
  },
  ...[1, TAKES_ALL].map((every) => ({
    option: 'anchor.every',
    value: String(every),
    sees: async (trail: Trail) => {
      const seqs: number[] = []
      const anchor = { every, to: ({ seq }: { readonly seq: number }) => void seqs.push(seq) }
      const records = await trail({ anchor }, many(3), 'one by one')
      expect(seqs).toEqual(every === 1 ? records.map(({ seq }) => seq) : [0])
    },
  })),
  {
    option: 'anchor.to',
    value: 'a function',
    sees: async (trail) => {
      const anchor = JSON.parse('{ "every": 1, "to": "elsewhere" }')
      await expect(trail({ anchor })).rejects.toThrow('anchor.to')
    },
  },
  {
    option: 'onError',
    value: 'a function',
    sees: async (trail) => {
      const errors: Error[] = []
      const to = () => {
        throw new Error('elsewhere is not there')
      }
      const onError = (error: Error) => void errors.push(error)
      await trail({ anchor: { every: TAKES_ALL, to }, onError })
      expect(errors.map(({ message }) => message).join()).toContain('elsewhere is not there')
    },
  },
]

const WITNESS = {
  url: 'http://127.0.0.1:9/',
  key: witnessKey('witness.example.org'),
}

/** By C2SP signed-note: name, the beginning of a hash, and type 4 with 32 bytes. */
function witnessKey(name: string): string {
  const { publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const typed = Buffer.from([4, ...raw])
  const id = createHash('sha256').update(`${name}\n`).update(typed).digest('hex').slice(0, 8)
  return `${name}+${id}+${typed.toString('base64')}`
}

const signed = (changes: Partial<CheckpointOptions> = {}): CheckpointOptions => ({
  keyFile: join(folder, 'checkpoints.key'),
  file: join(folder, 'checkpoint'),
  ...changes,
})

/** A trail with checkpoints of these options has as many of them as `count` says. */
const checkpoints = (
  option: string,
  value: string,
  changes: Partial<CheckpointOptions>,
  count: number,
): OptionCase<Trail> => ({
  option,
  value,
  sees: async (trail) => {
    const key = createCheckpointKey(signed().keyFile, 'example.com/audit')
    const notes: string[] = []
    const to = (note: string): void => void notes.push(note)
    await trail({ checkpoints: signed({ to, ...changes }) }, many(3), 'one by one')
    expect(notes).toHaveLength(count)
    expect(readFileSync(signed().file, 'utf8')).toBe(notes.at(-1))
    const checked = await verifyAudit(file, { checkpoints: { notes, key } })
    expect(checked).toMatchObject({ ok: true, records: 5 })
  },
})

const FORENSICS: readonly OptionCase<Trail>[] = [
  {
    option: 'keyFile',
    value: 'a path',
    sees: async (trail) => {
      const keyFile = join(folder, 'audit.key')
      const keys = [createAuditKey(keyFile)]
      await trail({ keyFile })
      expect(await verifyAudit(file, { keys })).toMatchObject({ ok: true, records: 3 })
    },
  },
  checkpoints('checkpoints', 'an object', {}, 1),
  checkpoints('checkpoints.every', '1', { every: 1 }, 5),
  checkpoints('checkpoints.every', '1000000000', { every: TAKES_ALL }, 1),
  checkpoints('checkpoints.interval', '1', { interval: 1, every: TAKES_ALL }, 1),
  checkpoints('checkpoints.interval', '86400', { interval: 86_400 }, 1),
  {
    option: 'checkpoints.keyFile',
    value: 'a path',
    sees: async (trail) => {
      await expect(trail({ checkpoints: signed() })).rejects.toThrow('ENOENT')
    },
  },
  {
    option: 'checkpoints.file',
    value: 'a path',
    sees: async (trail) => {
      const wrong = JSON.parse('{ "keyFile": "key" }')
      await expect(trail({ checkpoints: wrong })).rejects.toThrow('checkpoints.file')
    },
  },
  checkpoints('checkpoints.to', 'a function', {}, 1),
  // Nobody answers there: the checkpoint is handed on, and the trail ends, all the same.
  checkpoints('checkpoints.witnesses', 'a witness', { witnesses: [WITNESS] }, 1),
  checkpoints('checkpoints.timeout', '1', { witnesses: [WITNESS], timeout: 1 }, 1),
  checkpoints('checkpoints.timeout', '60', { witnesses: [WITNESS], timeout: 60 }, 1),
  {
    option: 'checkpoints.cosigned',
    value: 'a function',
    sees: async (trail) => {
      const wrong = JSON.parse('{ "keyFile": "key", "file": "note", "cosigned": "yes" }')
      await expect(trail({ checkpoints: wrong })).rejects.toThrow('checkpoints.cosigned')
    },
  },
  {
    option: 'sinks',
    value: 'a sink',
    sees: async (trail) => {
      const lines: string[] = []
      const sink: AuditSink = {
        name: 'here',
        open: () => {},
        take: ({ line }) => void lines.push(line),
        close: async () => {},
      }
      const records = await trail({ sinks: [sink] })
      expect(lines.map((line) => JSON.parse(line))).toEqual(records)
    },
  },
]

const CASES = [...WHERE, ...SHOWN, ...BOUNDS, ...HEADS, ...FORENSICS]

describe('an audit trail with', () => {
  test.each(CASES)('$option: $value', ({ sees }) => sees(written))
  expectComplete(documentedOptions('logging', '### Options of the audit trail'), CASES)

  test.each<Partial<AuditOptions>>([
    { maxBytes: 65_535 },
    { maxPerSecond: 100_001 },
    { maxPending: 65_535 },
    { after: { seq: -2, hash: HASH } },
    { after: { seq: 1, hash: HASH.slice(1) } },
    { anchor: { every: 0, to: () => {} } },
  ])('%j is refused', async (options) => {
    await expect(written(options)).rejects.toThrow(Object.keys(options)[0])
  })

  const WITNESSES: readonly OptionCase<Trail>[] = [
    ...['', 'prefix', 'prefix/'].map((prefix) => ({
      option: 'url',
      value: `/${prefix}`,
      sees: async (trail: Trail) => {
        const asked: (string | undefined)[] = []
        const server = createServer(({ method, url }, response) => {
          asked.push(`${method} ${url}`)
          response.writeHead(503).end()
        })
        await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
        const { port } = server.address() as AddressInfo
        const witnesses = [{ ...WITNESS, url: `http://127.0.0.1:${port}/${prefix}` }]
        createCheckpointKey(signed().keyFile, 'example.com/audit')
        await trail({ checkpoints: signed({ witnesses }), onError: () => {} })
        await new Promise((closed) => server.close(closed))
        expect(asked).toEqual([`POST ${prefix === '' ? '' : '/prefix'}/add-checkpoint`])
      },
    })),
    {
      option: 'key',
      value: 'of a log',
      sees: async (trail) => {
        const key = createCheckpointKey(signed().keyFile, 'example.com/audit')
        const witnesses = [{ ...WITNESS, key }]
        await expect(trail({ checkpoints: signed({ witnesses }) })).rejects.toThrow('of type 4')
      },
    },
  ]
  test.each(WITNESSES)('a witness with $option: $value', ({ sees }) => sees(written))
  expectComplete(documentedOptions('logging', '<!-- options of a witness: begin -->'), WITNESSES)

  test.each<[object, string]>([
    [
      { witnesses: [{ ...WITNESS, url: 'witness.example.org' }] },
      'witnesses[0].url: must be an http',
    ],
    [{ witnesses: [{ ...WITNESS, url: 'https://a:b@x.example' }] }, 'witnesses[0].url'],
    [{ witnesses: [{ ...WITNESS, url: 'ftp://x.example' }] }, 'witnesses[0].url'],
    [{ witnesses: [{ ...WITNESS, url: 'https://x.example/?a' }] }, 'witnesses[0].url'],
    [{ witnesses: [{ url: WITNESS.url }] }, 'witnesses[0].key: is missing'],
    [{ witnesses: [{ ...WITNESS, key: 'x' }] }, 'witnesses[0].key: must be the public key'],
    [{ witnesses: [WITNESS, WITNESS] }, 'witnesses[1].key: must not be the key of'],
    [{ witnesses: Array(17).fill(WITNESS) }, 'witnesses'],
    [{ timeout: 0 }, 'timeout'],
    [{ timeout: 61 }, 'timeout'],
  ])('checkpoints %j are refused', async (wrong, message) => {
    createCheckpointKey(signed().keyFile, 'example.com/audit')
    await expect(written({ checkpoints: signed(wrong) })).rejects.toThrow(`checkpoints.${message}`)
  })
})
