import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readCheckpoint } from '../src/audit/checkpoints/checkpoint.js'
import { MerkleTree } from '../src/audit/checkpoints/merkle-tree.js'
import { readSignerKey, readVerifierKey } from '../src/audit/checkpoints/note-keys.js'
import { isSignedBy, readNotes, signNote } from '../src/audit/checkpoints/signed-note.js'
import {
  type AuditOptions,
  type AuditTrail,
  auditTrail,
  createCheckpointKey,
  type KeptCheckpoints,
  verifyAudit,
} from '../src/index.js'
import { rootOf, sha256 } from './reference-tree.js'

describe('the Merkle tree', () => {
  // The inputs and roots that Certificate Transparency's implementations are tested with.
  const LEAVES = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ]
  const ROOTS = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ]

  test('has the roots of the published vectors', () => {
    const tree = new MerkleTree()
    const roots = [tree.root().toString('hex')]
    for (const leaf of LEAVES) {
      tree.add(Buffer.from(leaf, 'hex'))
      roots.push(tree.root().toString('hex'))
    }
    expect(roots).toEqual(ROOTS)
  })

  test('has the root that the definition gives, also when it goes on from a saved state', () => {
    const leaves = fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 70 })
    fc.assert(
      fc.property(leaves, fc.nat(70), (list, at) => {
        let tree = new MerkleTree()
        for (const [i, leaf] of list.entries()) {
          if (i === at) tree = MerkleTree.from(JSON.parse(JSON.stringify(tree.state))) ?? tree
          tree.add(leaf)
        }
        expect(tree.root().toString('hex')).toBe(rootOf(list).toString('hex'))
        expect(tree.size).toBe(list.length)
      }),
    )
  })

  test.each([
    { size: 3, subtrees: ['AAAA'] },
    { size: 1, subtrees: ['AAAA'] },
    { size: -1, subtrees: [] },
    { size: 1.5, subtrees: [] },
  ])('is not restored from a state that no tree has: %j', (state) => {
    expect(MerkleTree.from(state)).toBeUndefined()
  })
})

describe('signed notes', () => {
  // The example of Go's golang.org/x/mod/sumdb/note; Ed25519 signatures are deterministic.
  const VERIFIER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
  const SIGNER = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'
  const TEXT =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  const NOTE = `${TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`

  test('are those that another implementation makes and reads', () => {
    const [signer, verifier] = [readSignerKey(SIGNER), readVerifierKey(VERIFIER)]
    if (signer === undefined || verifier === undefined) throw new Error('keys are not read')
    expect(signNote(TEXT, signer)).toBe(NOTE)
    const [note, ...others] = readNotes(NOTE) ?? []
    if (note === undefined) throw new Error('the note is not read')
    expect(others).toEqual([])
    expect(note.text).toBe(TEXT)
    expect(isSignedBy(note, verifier)).toBe(true)
    expect(isSignedBy({ ...note, text: note.text.replace('answer', 'problem') }, verifier)).toBe(
      false,
    )
    expect(isSignedBy(note, { ...verifier, name: 'Other' })).toBeUndefined()
  })

  test('the example of the specification is read, signature by signature', () => {
    const example = [
      'example.com/behind-the-sofa',
      '20852163',
      'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=',
      '',
      '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=',
      '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==',
      '',
    ].join('\n')
    const [note, second] = readNotes(`${example}${example}`) ?? []
    expect(second).toEqual(note)
    expect(note?.signatures.map(({ name, bytes }) => [name, bytes.length])).toEqual([
      ['example.com/behind-the-sofa', 64],
      ['witness.example.com/w1', 72],
    ])
    // The time of the specification's example.
    expect(note?.signatures[1]?.bytes.readBigUInt64BE(0)).toBe(1_679_315_147n)
    expect(note && readCheckpoint(note)).toMatchObject({
      origin: 'example.com/behind-the-sofa',
      size: 20_852_163,
    })
  })

  test.each([
    VERIFIER.replace('c74f20a3', 'c74f20a4'),
    VERIFIER.replace('PeterNeumann', 'Peter Neumann'),
    VERIFIER.slice(0, -4),
    '',
  ])('a key that does not fit its name is refused: %j', (text) => {
    expect(readVerifierKey(text)).toBeUndefined()
  })

  test.each([
    '',
    'a\n',
    '\n\n',
    `${TEXT}\n- PeterNeumann x08go/ZJ\n`,
    `${TEXT}\n— x\n`,
    `${TEXT}\n— a b c=\n`,
  ])('what is not a note is not read: %j', (text) => {
    expect(readNotes(text)).toBeUndefined()
  })
})

describe('the checkpoints of a trail', () => {
  let folder: string
  let file: string
  let checkpoint: string
  let verifier: string
  let open: AuditTrail[]
  let sent: string[]

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'truehop-checkpoints-'))
    file = join(folder, 'audit.jsonl')
    checkpoint = join(folder, 'checkpoint')
    verifier = createCheckpointKey(join(folder, 'key'), 'example.com/audit')
    open = []
    sent = []
  })

  afterEach(async () => {
    for (const trail of open) await trail.close()
    rmSync(folder, { recursive: true })
  })

  function start(options: Partial<AuditOptions> = {}): AuditTrail {
    const to = (note: string): void => void sent.push(note)
    const checkpoints = { keyFile: join(folder, 'key'), file: checkpoint, every: 3, to }
    const trail = auditTrail({ file, address: 'full', checkpoints, ...options })
    open.push(trail)
    return trail
  }

  async function record(trail: AuditTrail, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      trail.record('thing', { i })
      await trail.flush()
    }
  }

  const leaves = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => Buffer.from(line))

  const verified = async (changes: Partial<KeptCheckpoints> = {}) => {
    const checkpoints = { notes: sent, key: verifier, ...changes }
    const { findings, records } = await verifyAudit(file, { checkpoints })
    return { codes: findings.map(({ code }) => code), records }
  }

  test('are signed every so many records and at the end, over the records as they are', async () => {
    const trail = start()
    await trail.flush()
    await record(trail, 7)
    await trail.close()
    const roots = sent.map((note) => note.split('\n').slice(0, 3))
    const all = leaves()
    expect(roots).toEqual(
      [3, 6, 9].map((size) => [
        'example.com/audit',
        String(size),
        rootOf(all.slice(0, size)).toString('base64'),
      ]),
    )
    expect(readFileSync(checkpoint, 'utf8')).toBe(sent.at(-1))
    expect(await verified()).toEqual({ codes: [], records: 9 })
  })

  test('are signed after some time as well, if there are new records', async () => {
    const checkpoints = { keyFile: join(folder, 'key'), file: checkpoint, interval: 1 }
    const trail = start({ checkpoints: { ...checkpoints, to: (note) => void sent.push(note) } })
    await trail.flush()
    await expect.poll(() => sent.length, { timeout: 20_000 }).toBe(1)
    expect(sent[0]).toContain('example.com/audit\n1\n')
  })

  test('go on after a restart, a crash and a rotation, in one tree', async () => {
    const first = start()
    await record(first, 4)
    await first.close()
    const second = start()
    await record(second, 1)
    // A crash: there are records beyond the saved tree, and none says that the trail was closed.
    const third = start()
    await record(third, 2)
    await third.reopen()
    await record(third, 2)
    await third.close()
    open = []
    expect(sent.length).toBeGreaterThan(3)
    expect((await verified()).codes).toEqual([])
    await second.close().catch(() => {})
  })

  test('go on after a crash that took the last line end alone', async () => {
    const first = start()
    await record(first, 4)
    await first.close()
    writeFileSync(file, readFileSync(file).subarray(0, -1))
    const second = start()
    await record(second, 2)
    await second.close()
    open = []
    expect(await verified()).toEqual({ codes: [], records: 10 })
  })

  test('go on after a crash in a file that is read in several pieces', async () => {
    const checkpoints = { keyFile: join(folder, 'key'), file: checkpoint, every: 1_000_000 }
    const to = (note: string): void => void sent.push(note)
    const options = { maxPerSecond: 20_000, checkpoints: { ...checkpoints, to } }
    const crashed = start(options)
    for (let batch = 0; batch < 12; batch++) await record(crashed, 1000)
    expect(statSync(file).size).toBeGreaterThan(1.5 * 1024 * 1024)
    const next = start(options)
    await record(next, 1)
    await next.close()
    open = []
    expect(await verified()).toEqual({ codes: [], records: 12_004 })
    await crashed.close().catch(() => {})
  })

  test('show a record that was altered with all that follows it, and an end that was cut off', async () => {
    const trail = start()
    await record(trail, 8)
    await trail.close()
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
    let prev = '0'.repeat(64)
    const rewritten = lines.map((line, i) => {
      const body = i === 4 ? line.replace('"event":"thing"', '"event":"fine"') : line
      const hashed = `${body.replace(/,"prev":.*$/, '')},"prev":"${prev}"`
      prev = createHash('sha256').update(hashed).digest('hex')
      return `${hashed},"hash":"${prev}"}`
    })
    writeFileSync(file, `${rewritten.join('\n')}\n`)
    expect((await verified()).codes).toEqual(['rewritten', 'rewritten', 'rewritten'])
    writeFileSync(file, `${lines.slice(0, 5).join('\n')}\n`)
    const beyond = sent.filter((note) => Number(note.split('\n')[1]) > 5)
    expect((await verified()).codes).toEqual(beyond.map(() => 'cut-off'))
    writeFileSync(file, `${lines.slice(1).join('\n')}\n`)
    expect(new Set((await verified()).codes)).toEqual(new Set(['cut-off']))
  })

  /** Signs as C2SP tlog-cosignature says, written again. */
  function witness(name: string) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
    const id = sha256(Buffer.from(`${name}\n`), Uint8Array.of(4), raw).subarray(0, 4)
    const key = `${name}+${id.toString('hex')}+${Buffer.concat([Uint8Array.of(4), raw]).toString('base64')}`
    const cosign = (note: string, seconds = 1_679_315_147) => {
      const text = note.slice(0, note.lastIndexOf('\n\n') + 1)
      const time = Buffer.alloc(8)
      time.writeBigUInt64BE(BigInt(seconds))
      const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)
      const line = Buffer.concat([id, time, sign(null, message, privateKey)]).toString('base64')
      return `${note}— ${name} ${line}\n`
    }
    return { key, cosign }
  }

  test('are cosigned by witnesses, as many as are needed', async () => {
    const trail = start()
    await record(trail, 1)
    await trail.close()
    const [a, b] = [witness('witness.example/a'), witness('witness.example/b')]
    const witnesses = [a.key, b.key]
    const notes = sent.map((note) => b.cosign(a.cosign(note)))
    expect((await verified({ notes, witnesses })).codes).toEqual([])
    const onlyA = sent.map((note) => a.cosign(note))
    expect((await verified({ notes: onlyA, witnesses })).codes).toEqual(['not-cosigned'])
    expect((await verified({ notes: onlyA, witnesses, quorum: 1 })).codes).toEqual([])
    const forged = sent.map((note) => a.cosign(note).replace(/\n1\n|\n2\n|\n3\n/, '\n9\n'))
    expect((await verified({ notes: forged, witnesses: [a.key] })).codes).toEqual([
      'bad-checkpoint',
    ])
    // A signature of a key that is not known says nothing, and does no harm.
    expect((await verified({ notes })).codes).toEqual([])
  })

  test('of another log, without a signature, and what is not one are refused', async () => {
    const trail = start()
    await trail.close()
    const other = createCheckpointKey(join(folder, 'other'), 'example.com/other')
    expect((await verified({ key: other })).codes).toEqual(['bad-checkpoint'])
    const again = createCheckpointKey(join(folder, 'again'), 'example.com/audit')
    expect((await verified({ key: again })).codes).toEqual(['bad-checkpoint'])
    expect((await verified({ notes: ['nothing\n'] })).codes).toEqual(['bad-checkpoint'])
    await expect(verified({ key: 'none' })).rejects.toThrow('checkpoints.key')
    await expect(verified({ witnesses: [verifier] })).rejects.toThrow('checkpoints.witnesses[0]')
    await expect(verified({ quorum: 1 })).rejects.toThrow('checkpoints.quorum')
  })

  test('count a witness once, however often it is named', async () => {
    const trail = start()
    await trail.close()
    const [a, b] = [witness('witness.example/a'), witness('witness.example/b')]
    const notes = sent.map((note) => a.cosign(note))
    const witnesses = [a.key, b.key, a.key]
    await expect(verified({ notes, witnesses, quorum: 2 })).rejects.toThrow(
      'checkpoints.witnesses[2]',
    )
    const twice = notes.map((note) => a.cosign(note))
    const named = { notes: twice, witnesses: [a.key, b.key], quorum: 2 }
    expect((await verified(named)).codes).toEqual(['not-cosigned'])
  })

  test('are refused at start-up where they would not continue what was signed', async () => {
    const trail = start()
    await record(trail, 3)
    await trail.close()
    copyFileSync(file, join(folder, 'kept'))
    writeFileSync(file, '')
    expect(() => start()).toThrow('must never sign two trees')
    // And nothing was written either.
    expect(readFileSync(file, 'utf8')).toBe('')
    copyFileSync(join(folder, 'kept'), file)
    writeFileSync(`${checkpoint}.tree`, '{}')
    expect(() => start()).toThrow('cannot be read')
    writeFileSync(join(folder, 'key'), 'PRIVATE')
    expect(() => start()).toThrow('is not a signing key')
  })

  test('are refused at start-up where a trail begins again under the key of the one before', async () => {
    const trail = start()
    await record(trail, 3)
    await trail.close()
    rmSync(file)
    rmSync(`${checkpoint}.tree`)
    expect(() => start()).toThrow('must never sign two trees')
    const keyFile = join(folder, 'new')
    createCheckpointKey(keyFile, 'example.com/audit/2')
    await start({ checkpoints: { keyFile, file: checkpoint } }).close()
    expect(readFileSync(checkpoint, 'utf8')).toContain('example.com/audit/2\n2\n')
  })

  test('are refused at start-up with a signing key that others can read', async () => {
    chmodSync(join(folder, 'key'), 0o644)
    expect(() => start()).toThrow('chmod 600')
    chmodSync(join(folder, 'key'), 0o620)
    expect(() => start()).toThrow('chmod 600')
    chmodSync(join(folder, 'key'), 0o400)
    await start().close()
    expect((await verified()).codes).toEqual([])
  })
})
