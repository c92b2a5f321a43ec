import { generateKeyPairSync } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Metered } from '@truehop/ip/internal'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type AuditOptions,
  type AuditTrail,
  auditTrail,
  type CheckpointOptions,
  createCheckpointKey,
  verifyAudit,
} from '../src/index.js'
import { Cosigner, WitnessServer } from './witness-server.js'

let folder: string
let file: string
let key: string
let errors: string[]
let cosigned: string[]
let open: AuditTrail[]
let servers: WitnessServer[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-witnesses-'))
  file = join(folder, 'audit.jsonl')
  key = createCheckpointKey(join(folder, 'key'), 'example.com/audit')
  ;[errors, cosigned, open, servers] = [[], [], [], []]
})

afterEach(async () => {
  for (const trail of open) await trail.close()
  for (const server of servers) await server.stop()
  rmSync(folder, { recursive: true })
})

async function witness(cosigner?: Cosigner, logKey = key): Promise<WitnessServer> {
  const server = await WitnessServer.start(logKey, cosigner)
  servers.push(server)
  return server
}

const settings = (changes: Partial<CheckpointOptions> = {}): CheckpointOptions => ({
  keyFile: join(folder, 'key'),
  file: join(folder, 'checkpoint'),
  every: 1,
  cosigned: (note) => void cosigned.push(note),
  ...changes,
})

function start(checkpoints: Partial<CheckpointOptions>, options: Partial<AuditOptions> = {}) {
  const trail = auditTrail({
    file,
    address: 'full',
    checkpoints: settings(checkpoints),
    onError: ({ message }) => void errors.push(message),
    ...options,
  })
  open.push(trail)
  return trail
}

async function record(trail: AuditTrail, count: number): Promise<void> {
  for (let i = 0; i < count; i++) trail.record('thing', { i })
  await trail.flush()
}

/** A trail of so many records more, closed. */
async function run(count: number, ...witnesses: WitnessServer[]): Promise<void> {
  const trail = start({ witnesses: witnesses.map(({ options }) => options) })
  await record(trail, count)
  await trail.close()
  open.pop()
}

const until = (done: () => boolean) => expect.poll(done, { timeout: 30_000 }).toBe(true)
const last = () => readFileSync(join(folder, 'checkpoint.cosigned'), 'utf8')
const linesOf = () => readFileSync(file, 'utf8').split('\n').slice(0, -1)

async function verified(...witnesses: WitnessServer[]) {
  const kept = { notes: [last()], key, witnesses: witnesses.map(({ cosigner }) => cosigner.key) }
  const { findings } = await verifyAudit(file, { checkpoints: kept })
  return findings.map(({ code }) => code)
}

function outcomes(trail: Metered): Record<string, number> {
  const readings = trail.metrics.flatMap((each) => [...each.read()])
  return Object.fromEntries(
    readings
      .filter(([{ name }, count]) => name === 'truehop.audit.cosignatures' && count > 0)
      .map(([, count, of = {}]) => [
        `${of['truehop.audit.witness']} ${of['truehop.audit.outcome']}`,
        count,
      ]),
  )
}

describe('a witness that follows the protocol', () => {
  test('cosigns each checkpoint on a proof from the one it cosigned before', async () => {
    const server = await witness()
    const trail = start({ witnesses: [server.options] })
    for (let i = 1; i <= 3; i++) {
      await record(trail, i)
      await until(() => server.latest.size === trail.head.seq + 1)
    }
    await trail.close()
    expect(server.statuses.every((status) => status === 200)).toBe(true)
    const [first, ...later] = server.submitted
    expect([first?.old, first?.proof.length]).toEqual([0, 0])
    expect(later.map(({ old }) => old)).toEqual(
      server.submitted.slice(0, -1).map(({ size }) => size),
    )
    expect(last()).toBe(cosigned.at(-1))
    expect(await verified(server)).toEqual([])
    expect(errors).toEqual([])
    expect(outcomes(trail)).toEqual({ 'witness.example/w1 cosigned': server.submitted.length })
  })

  test('is asked after restarts, crashes and rotations from where it is', async () => {
    const server = await witness()
    await run(5, server)
    await run(40, server)
    // A crash: nobody closes it, and the next one finds records that no tree was saved of.
    const crashed = start({ witnesses: [server.options], every: 1000 })
    await record(crashed, 7)
    await run(3, server)
    const rotating = start(
      { witnesses: [server.options] },
      { maxBytes: 65_536, maxPerSecond: 100_000 },
    )
    for (let i = 0; i < 8; i++) await record(rotating, 100)
    await rotating.close()
    await run(2, server)
    expect(server.statuses.filter((status) => ![200, 409].includes(status))).toEqual([])
    const aside = readdirSync(folder)
      .filter((name) => name.startsWith('audit.jsonl.'))
      .sort()
      .map((name) => join(folder, name))
    expect(aside.length).toBeGreaterThan(0)
    const checkpoints = { notes: [last()], key, witnesses: [server.cosigner.key] }
    const report = await verifyAudit([...aside, file], { checkpoints })
    expect(report.findings).toEqual([])
    expect(server.latest.size).toBe(report.records)
  })

  test('that is behind, as it was put back or is new to the log, gets a proof from there', async () => {
    const server = await witness()
    await run(5, server)
    const early = server.latest
    await run(20, server)
    server.latest = early
    await run(4, server)
    server.latest = { size: 0, root: early.root }
    await run(4, server)
    expect(server.latest.size).toBe(linesOf().length)
    expect(await verified(server)).toEqual([])
    expect(errors).toEqual([])
  })

  test('is asked again for a checkpoint that it did not answer, when it is back', async () => {
    const server = await witness()
    server.odd = (response) => response.writeHead(503).end()
    const trail = start({ witnesses: [server.options], interval: 1 })
    await record(trail, 2)
    await until(() => errors.length > 0)
    expect(errors[0]).toContain('witness witness.example/w1 answers 503')
    server.odd = undefined
    await until(() => server.latest.size === 3)
    await until(() => cosigned.length === 1)
    expect(await verified(server)).toEqual([])
  })

  test('and another that is away: the checkpoint has the cosignature of the one', async () => {
    const [here, away] = [await witness(), await witness(new Cosigner('witness.example/w2'))]
    const witnesses = [here, away].map(({ options }) => options)
    await away.stop()
    const trail = start({ witnesses })
    await record(trail, 1)
    await until(() => cosigned.length > 0)
    expect(await verified(here)).toEqual([])
    expect(await verified(here, away)).toEqual(['not-cosigned'])
    servers = servers.filter((server) => server !== away)
  })
})

describe('hashes that proofs are made of', () => {
  test('are made again from the trail where their file is gone or damaged', async () => {
    const server = await witness()
    await run(5, server)
    rmSync(join(folder, 'checkpoint.hashes'))
    await run(5, server)
    writeFileSync(join(folder, 'checkpoint.hashes'), Buffer.alloc(64 * 20))
    await run(5, server)
    expect(server.latest.size).toBe(linesOf().length)
    expect(errors).toEqual([])
  })

  test('are made for a trail that had no witnesses before', async () => {
    await run(5)
    expect(existsSync(join(folder, 'checkpoint.hashes'))).toBe(false)
    const server = await witness()
    await run(5, server)
    expect(server.latest.size).toBe(linesOf().length)
  })

  test('are asked for at start-up where the records they are of were put aside', async () => {
    const trail = start({}, { maxBytes: 65_536, maxPerSecond: 100_000 })
    for (let i = 0; i < 5; i++) await record(trail, 100)
    await trail.close()
    const server = await witness()
    expect(() => start({ witnesses: [server.options] })).toThrow(
      /checkpoints\.witnesses.*begin a new trail with a new signing key, or leave witnesses out/,
    )
  })
})

describe('a witness that does not follow the protocol', () => {
  /** What is reported of the only request that gets such an answer. */
  async function reported(odd: WitnessServer['odd'], changes: Partial<CheckpointOptions> = {}) {
    const server = await witness()
    server.odd = odd
    const trail = start({ witnesses: [server.options], every: 1000, interval: 86_400, ...changes })
    await record(trail, 1)
    await trail.close()
    expect(cosigned).toEqual([])
    expect(existsSync(join(folder, 'checkpoint.cosigned'))).toBe(false)
    // The trail has its checkpoint all the same.
    const notes = [readFileSync(join(folder, 'checkpoint'), 'utf8')]
    expect(await verifyAudit(file, { checkpoints: { notes, key } })).toMatchObject({ ok: true })
    return { errors, requests: server.submitted.length, outcomes: outcomes(trail) }
  }

  test('with a body without end is not read to its end', async () => {
    let sent = 0
    const { errors } = await reported((response) => {
      response.writeHead(200)
      const more = (): void => {
        while (sent < 50_000_000 && response.write(Buffer.alloc(65_536, 0x41))) sent += 65_536
      }
      response.on('drain', more)
      more()
    })
    expect(errors).toEqual([expect.stringContaining('answers more than 65536 bytes')])
    expect(sent).toBeLessThan(50_000_000)
  })

  test.each(['after the head', 'before it'])('that stops %s is given up', async (when) => {
    const { errors, outcomes } = await reported(
      (response) => {
        if (when === 'after the head') response.writeHead(200).write('— ')
      },
      { timeout: 1 },
    )
    expect(errors).toEqual(['witness witness.example/w1 did not answer in time'])
    expect(outcomes).toEqual({ 'witness.example/w1 unreachable': 1 })
  })

  const impostor = new Cosigner('witness.example/w1')
  test.each<[string, (submitted: { text: string }) => string]>([
    ['of another key under its name', ({ text }) => impostor.line(text)],
    ['of nobody', () => ''],
    ['that is not one', () => '— witness.example/w1 AAAA\n— \n\n— x'],
    ['over the checkpoint before', ({ text }) => impostor.line(text.replace(/\n\d+\n/, '\n1\n'))],
  ])('with a cosignature %s has none', async (_, line) => {
    const { errors } = await reported((response, submitted) =>
      response.writeHead(200).end(line(submitted)),
    )
    expect(errors).toEqual([expect.stringContaining('without a signature of its key')])
  })

  test('with base64 of another form has its cosignature in the note as it must be', async () => {
    const server = await witness()
    server.odd = (response, { text }) => {
      response.writeHead(200).end(server.cosigner.line(text, 1).replace(/=+\n/, '\n'))
    }
    await run(1, server)
    const text = last().slice(0, last().indexOf('\n\n') + 1)
    expect(last().endsWith(`\n${server.cosigner.line(text, 1)}`)).toBe(true)
  })

  test('with many cosignatures that do not fit before the one that does has none', async () => {
    const server = await witness()
    server.odd = (response, { text }) => {
      const bad = server.cosigner.line(`${text}other\n`)
      response.writeHead(200).end(bad.repeat(400) + server.cosigner.line(text))
    }
    await run(1, server)
    expect(cosigned).toEqual([])
    expect(errors.at(-1)).toContain('without a signature of its key')
  })

  test('that repeats the cosignature of an older checkpoint has none for the newer', async () => {
    const server = await witness()
    await run(1, server)
    const old = last().split('\n').at(-2)
    cosigned = []
    server.odd = (response) => response.writeHead(200).end(`${old}\n`)
    await run(1, server)
    expect(cosigned).toEqual([])
    expect(errors.at(-1)).toContain('without a signature of its key')
  })

  test.each([
    ['a size that is none', 'x\n', 'answers 409 without a size', 1],
    ['a size of many digits', `${'9'.repeat(400)}\n`, 'answers 409 without a size', 1],
    ['the size it was given', '0\n', 'answers 409 with the size it was given', 1],
    ['a size beyond the trail', '4000\n', 'has cosigned 4000 records of example.com/audit', 1],
  ])('with %s in its refusal is not asked for ever', async (_, body, message, requests) => {
    const seen = await reported((response) => response.writeHead(409).end(body))
    expect(seen.errors).toEqual([expect.stringContaining(message)])
    expect(seen.requests).toBe(requests)
  })

  test('that names another size each time is asked three times', async () => {
    let size = 0
    const seen = await reported((response) => response.writeHead(409).end(`${(size++ % 2) + 1}\n`))
    expect(seen.errors).toEqual([expect.stringContaining('another size each time')])
    expect(seen.requests).toBe(3)
    expect(seen.outcomes).toEqual({ 'witness.example/w1 conflict': 1 })
  })

  test('that sends elsewhere is not followed', async () => {
    const target = await witness(new Cosigner('elsewhere'))
    const { errors } = await reported((response) =>
      response.writeHead(307, { location: `${target.options.url}add-checkpoint` }).end(),
    )
    expect(errors).toEqual([expect.stringContaining('answers 307')])
    expect(target.submitted).toEqual([])
  })

  test('and is slow holds up neither the trail nor other checkpoints', async () => {
    const server = await witness()
    server.odd = () => {}
    const notes: string[] = []
    const trail = start({
      witnesses: [server.options],
      timeout: 60,
      to: (note) => void notes.push(note),
    })
    for (let i = 0; i < 5; i++) await record(trail, 1)
    await until(() => notes.at(-1)?.includes('\n6\n') === true)
    // One request, and what came meanwhile waits as one.
    expect(server.submitted).toHaveLength(1)
    server.odd = undefined
  })
})

describe('whoever takes the machine', () => {
  test('and rewrites the past, with the signing key, gets no cosignature', async () => {
    const server = await witness()
    await run(3, server)
    const seen = last()
    const before = linesOf().length
    rmSync(file)
    for (const name of ['checkpoint', 'checkpoint.tree', 'checkpoint.hashes']) {
      rmSync(join(folder, name))
    }
    const trail = start({ witnesses: [server.options] })
    await record(trail, 10)
    await trail.close()
    open.pop()
    expect(linesOf().length).toBeGreaterThan(before)
    expect(Object.keys(outcomes(trail))).toEqual(['witness.example/w1 conflict'])
    // It never says of these records what it said of those.
    expect(server.statuses.at(-1)).toBe(422)
    expect(errors.at(-1)).toContain('are not those of the trail')
    expect(last()).toBe(seen)
    expect(await verified(server)).toEqual(['rewritten'])
  })

  test('and removes the end is refused by name, by the witness and at start-up', async () => {
    const server = await witness()
    await run(3, server)
    writeFileSync(file, `${linesOf().slice(0, 2).join('\n')}\n`)
    expect(() => start({ witnesses: [server.options] })).toThrow('must never sign two trees')
    for (const name of ['checkpoint', 'checkpoint.tree', 'checkpoint.hashes']) {
      rmSync(join(folder, name))
    }
    await run(0, server)
    expect(server.latest.size).toBe(5)
    expect(errors.at(-1)).toMatch(/has cosigned 5 (other )?records|not those/)
    expect(await verified(server)).not.toEqual([])
  })

  test('and tampers with the hashes gets no proof accepted, and the service says so', async () => {
    const server = await witness()
    await run(9, server)
    const hashes = join(folder, 'checkpoint.hashes')
    const bytes = readFileSync(hashes)
    // Inside a subtree, where the start does not look.
    bytes.fill(0, 32, 64)
    writeFileSync(hashes, bytes)
    server.latest = { size: 1, root: server.submitted[0]?.root ?? Buffer.alloc(32) }
    await run(2, server)
    expect(server.statuses.at(-1)).toBeGreaterThanOrEqual(409)
    expect(errors.length).toBeGreaterThan(0)
  })

  test('cannot have one key pass for two witnesses', async () => {
    const pair = generateKeyPairSync('ed25519')
    const [one, two] = ['a', 'b'].map((name) => new Cosigner(`witness.example/${name}`, pair))
    const witnesses = [one, two].map((each) => ({ url: 'https://x.example', key: each?.key ?? '' }))
    expect(() => start({ witnesses })).toThrow('checkpoints.witnesses[1].key')
    const keys = [one?.key ?? '', two?.key ?? '']
    await run(1)
    const notes = [readFileSync(join(folder, 'checkpoint'), 'utf8')]
    await expect(
      verifyAudit(file, { checkpoints: { notes, key, witnesses: keys } }),
    ).rejects.toThrow('checkpoints.witnesses[1]')
  })
})

describe('kept checkpoints', () => {
  test('of two trees of one size are two histories, whatever the records are', async () => {
    await run(2)
    const one = readFileSync(join(folder, 'checkpoint'), 'utf8')
    copyFileSync(file, join(folder, 'kept'))
    rmSync(file)
    for (const name of ['checkpoint', 'checkpoint.tree']) rmSync(join(folder, name))
    await run(2)
    const other = readFileSync(join(folder, 'checkpoint'), 'utf8')
    const codes = async (path: string) =>
      (await verifyAudit(path, { checkpoints: { notes: [one, other], key } })).findings.map(
        ({ code }) => code,
      )
    expect(await codes(file)).toEqual(['split-view', 'rewritten'])
    expect(await codes(join(folder, 'kept'))).toEqual(['split-view', 'rewritten'])
    writeFileSync(file, '')
    expect(await codes(file)).toEqual(['split-view', 'cut-off', 'cut-off'])
  })

  test('with the proof that a witness was sent are checked with it', async () => {
    const server = await witness()
    await run(2, server)
    const one = last()
    await run(5, server)
    const two = last()
    const { old, proof } = server.submitted.at(-1) ?? { old: 0, proof: [] as Buffer[] }
    const before = server.submitted.find(({ size }) => size === old)
    expect(before).toBeDefined()
    const request = (hashes: readonly Buffer[]) =>
      `old ${old}\n${hashes.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${two}`
    const codes = async (...notes: string[]) =>
      (await verifyAudit(file, { checkpoints: { notes, key } })).findings.map(({ code }) => code)
    const all = [one, ...cosigned]
    expect(await codes(...all, request(proof))).toEqual([])
    expect(await codes(...all, request(proof.with(0, Buffer.alloc(32))))).toEqual([
      'bad-checkpoint',
    ])
  })
})
