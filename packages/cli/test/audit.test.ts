import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { auditTrail } from '@truehop/log'
import { afterAll, describe, expect, test } from 'vitest'
import { fileWriter, truehop } from './command-line.js'

const write = fileWriter()

function bytes(name: string, content: Uint8Array): string {
  const path = write(name, '')
  writeFileSync(path, content)
  return path
}

/** A trail as docs/log.md describes it: each record hashed up to `,"hash"`, with the hash before it. */
function trail(count: number, event = 'denied'): { lines: string[]; hashes: string[] } {
  const lines: string[] = []
  const hashes: string[] = []
  let prev = '0'.repeat(64)
  for (let seq = 0; seq < count; seq++) {
    const text = `{"seq":${seq},"time":"2026-01-01T00:00:00.000Z","event":"${event}","prev":"${prev}"`
    prev = createHash('sha256').update(text).digest('hex')
    hashes.push(prev)
    lines.push(`${text},"hash":"${prev}"}\n`)
  }
  return { lines, hashes }
}

describe('truehop audit verify', () => {
  const { lines, hashes } = trail(6)
  const verify = (...args: string[]) => truehop(['audit', 'verify', ...args])

  test('a trail as it was written is fine', async () => {
    const { code, out } = await verify(write('a.jsonl', lines.join('')))
    expect(code).toBe(0)
    expect(out).toContain(`6 records, from the first one on, last 5:${hashes[5]}`)
  })

  test('an empty file is not called unchanged, and a kept head shows that it was emptied', async () => {
    const empty = write('empty.jsonl', '')
    const { code, out } = await verify(empty)
    expect([code, out]).toEqual([0, expect.stringMatching(/^no records, so nothing was checked/)])
    expect((await verify('--anchor', `5:${hashes[5]}`, empty)).code).toBe(1)
  })

  test('a trail may be in several files', async () => {
    const files = [lines.slice(0, 2), lines.slice(2)].map((part, n) =>
      write(`${n}.jsonl`, part.join('')),
    )
    expect((await verify(...files)).code).toBe(0)
    expect((await verify(...files.reverse())).code).toBe(1)
  })

  test('a changed record and a missing one are found', async () => {
    const changed = lines.map((line, n) => (n === 1 ? line.replace('denied', 'allowed') : line))
    const { code, out } = await verify('--json', write('b.jsonl', changed.toSpliced(3, 1).join('')))
    expect(code).toBe(1)
    const codes = JSON.parse(out).findings.map(({ code }: { code: string }) => code)
    expect(codes).toEqual(['altered', 'removed'])
  })

  test('a finding names the file and the line in it', async () => {
    const changed = lines.map((line, n) => (n === 4 ? line.replace('denied', 'allowed') : line))
    const files = [changed.slice(0, 2), changed.slice(2)].map((part, n) =>
      write(`part-${n}.jsonl`, part.join('')),
    )
    const { code, out } = await verify(...files)
    expect([code, out]).toEqual([1, expect.stringContaining(`${files[1]}:3: `)])
  })

  test('a head that was kept shows that the end is missing', async () => {
    const file = write('c.jsonl', lines.slice(0, 4).join(''))
    expect((await verify(file)).code).toBe(0)
    expect((await verify('--anchor', `3:${hashes[3]}`, file)).code).toBe(0)
    const { code, out } = await verify(
      '--anchor',
      `3:${hashes[3]}`,
      '--anchor',
      `5:${hashes[5]}`,
      file,
    )
    expect(code).toBe(1)
    expect(out).toContain('[cut-off]')
  })

  test('the head before the first file makes it continue that one', async () => {
    const file = write('d.jsonl', lines.slice(3).join(''))
    expect((await verify('--after', `2:${hashes[2]}`, file)).code).toBe(0)
    expect((await verify('--after', `1:${hashes[1]}`, file)).code).toBe(1)
  })

  test('a file that is compressed is read as it is, and one that is damaged is no trail', async () => {
    const zipped = gzipSync(lines.join(''))
    const files = [bytes('a.jsonl.gz', zipped), bytes('b.gz', zipped.subarray(0, -9))]
    expect(await verify(files[0] ?? '')).toMatchObject({ code: 0 })
    expect(await verify('--together', files[0] ?? '')).toMatchObject({ code: 0 })
    for (const args of [[files[1] ?? ''], ['--together', files[1] ?? '']]) {
      const { code, err } = await verify(...args)
      expect([code, err]).toEqual([2, expect.stringContaining('compressed input')])
    }
    const parts = [lines.slice(0, 2), lines.slice(2)].map((part, n) =>
      bytes(`part-${n}.gz`, gzipSync(part.join(''))),
    )
    expect((await verify(...parts)).code).toBe(0)
  })

  test('what it cannot tell is said beside unchanged, with what has to be given', async () => {
    const cut = write('cut.jsonl', lines.slice(1, 4).join(''))
    const { code, out } = await verify(cut)
    expect(code).toBe(0)
    expect(out).toContain('the last record does not close the trail')
    expect(out).toContain('whether records after 3 were removed')
    expect(out).toContain('give --anchor or --checkpoint')
    expect(out).toContain('give the files before it, or --after')
    expect(out).not.toContain('--key-file')
    const head = (n: number) => `${n}:${hashes[n]}`
    const early = await verify('--after', head(0), '--anchor', head(2), cut)
    expect(early.out).toContain('records after 3 were removed, or those after 2 written anew,')
    const given = await verify('--after', head(0), '--anchor', head(3), cut)
    expect([given.code, given.out]).toEqual([0, expect.not.stringContaining('but ')])
    const json = JSON.parse((await verify('--json', cut)).out)
    expect(json).toMatchObject({ ok: true, closed: false, sealed: 0 })
    expect(json.hints).toHaveLength(2)
    const two = await verify('--after', head(0), '--after', head(1), cut)
    expect([two.code, two.err]).toEqual([2, expect.stringContaining('--together')])
  })

  test.each([
    [['nowhere.jsonl']],
    [['n'.repeat(300)]],
    [['.']],
    [['--anchor', '3:abc', 'x']],
    [[]],
  ])('%j is wrong usage', async (args) => {
    expect((await verify(...args)).code).toBe(2)
  })
})

describe('truehop audit key and checkpoint-key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'truehop-audit-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const at = (name: string) => join(folder, name)

  test('make what a trail is sealed and signed with, and print what verifies it', async () => {
    const first = await truehop(['audit', 'key', at('audit.key')])
    expect([first.code, first.out]).toEqual([0, expect.stringMatching(/^[\da-f]{64}\n$/)])
    const name = 'example.com/audit'
    const signing = await truehop(['audit', 'checkpoint-key', name, at('sign.key'), '--json'])
    const key: string = JSON.parse(signing.out).key
    const kept: string[] = []
    const trail = auditTrail({
      file: at('audit.jsonl'),
      address: 'full',
      keyFile: at('audit.key'),
      checkpoints: {
        keyFile: at('sign.key'),
        file: at('checkpoint'),
        every: 1,
        to: (note) => void kept.push(note),
      },
    })
    trail.record('thing', {})
    await trail.close()
    writeFileSync(at('kept'), kept.join(''))
    writeFileSync(at('first'), first.out)
    const verify = (...args: string[]) =>
      truehop(['audit', 'verify', '--key-file', at('first'), ...args, at('audit.jsonl')])
    const checkpoints = ['--checkpoint', at('kept'), '--checkpoint-key', key]
    expect(await verify(...checkpoints)).toMatchObject({ code: 0 })
    const unknown = key.replace('example.com', 'example.org')
    expect((await verify(...checkpoints.with(3, unknown))).err).toContain('checkpoints.key')
    expect((await verify('--checkpoint', at('kept'))).err).toContain('--checkpoint-key')
    expect((await verify('--checkpoint-key', key)).err).toContain('--checkpoint')
    expect((await verify(...checkpoints, '--quorum', '1')).err).toContain('quorum')
    const other = write('other', 'ab'.repeat(32))
    const unkeyed = await truehop(['audit', 'verify', at('audit.jsonl')])
    expect([unkeyed.code, unkeyed.out]).toEqual([0, expect.stringContaining('give --key-file')])
    const forged = await truehop(['audit', 'verify', '--key-file', other, at('audit.jsonl')])
    expect([forged.code, forged.out]).toEqual([1, expect.stringContaining('[unknown-key]')])
    const none = await truehop(['audit', 'verify', '--key-file', at('kept'), at('audit.jsonl')])
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('64 hexadecimal digits')])
  })

  test('of which a first key that sealed no record is named, also for one trail', async () => {
    const [keyFile, otherFile] = [write('own.key', ''), write('unused.key', '')]
    for (const path of [keyFile, otherFile]) rmSync(path)
    const [own, unused] = [
      await truehop(['audit', 'key', keyFile]),
      await truehop(['audit', 'key', otherFile]),
    ]
    const file = join(mkdtempSync(join(tmpdir(), 'truehop-keys-')), 'audit.jsonl')
    const trail = auditTrail({ file, address: 'full', keyFile })
    await trail.close()
    const keys = [write('k0', own.out), write('k1', unused.out)].flatMap((path) => [
      '--key-file',
      path,
    ])
    const { code, out } = await truehop(['audit', 'verify', ...keys, file])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/but no record is sealed with the key [0-9a-f]{8}:/),
    ])
    rmSync(dirname(file), { recursive: true })
  })

  test('acknowledge prints what makes skipped keys a note, for that gap alone', async () => {
    const first = (await truehop(['audit', 'key', at('gap.key')])).out
    writeFileSync(at('gap.first'), first)
    const trail = () =>
      auditTrail({ file: at('gap.jsonl'), address: 'full', keyFile: at('gap.key') })
    const before = trail()
    before.record('thing', {})
    await before.close()
    // The end is gone, as after a crash between two writes.
    const kept = readFileSync(at('gap.jsonl'), 'utf8').split('\n').slice(0, 2)
    writeFileSync(at('gap.jsonl'), `${kept.join('\n')}\n`)
    await trail().close()
    const keyed = ['--key-file', at('gap.first')]
    const verify = (...args: string[]) =>
      truehop(['audit', 'verify', ...keyed, ...args, at('gap.jsonl')])
    const found = await verify('--json')
    expect(found.code).toBe(1)
    const { keys, record } = JSON.parse(found.out).findings[0].skipped
    const head = `${record.seq}:${record.hash}`
    expect((await verify()).out).toMatch(new RegExp(`${keys}.*${head}.*\\[skipped-keys\\]`))
    const said = (...args: string[]) => truehop(['audit', 'acknowledge', ...keyed, ...args])
    const about = ['--keys', keys, '--record', head]
    const line = await said(...about, '--reason', 'power cut')
    expect([line.code, JSON.parse(line.out)]).toEqual([
      0,
      expect.objectContaining({ skipped: keys, record: head, reason: 'power cut' }),
    ])
    writeFileSync(at('acknowledged'), line.out)
    const fine = await verify('--acknowledged', at('acknowledged'))
    expect([fine.code, fine.out]).toEqual([0, expect.stringContaining(': power cut')])
    expect(await verify('--acknowledged', at('acknowledged'), '--together')).toMatchObject({
      code: 0,
      out: expect.stringContaining(': power cut'),
    })
    const bad = write('bad', line.out.replace('power cut', 'power off'))
    expect((await verify('--acknowledged', bad)).out).toContain('[bad-acknowledgement]')
    const unkeyed = ['audit', 'verify', '--acknowledged', bad, at('gap.jsonl')]
    expect((await truehop(unkeyed)).err).toContain('--key-file')
    expect(await said(...about, '--reason', '')).toMatchObject({ code: 2 })
    expect(await said('--keys', '1-2', ...about.slice(2), '--reason', 'x')).toMatchObject({
      code: 2,
    })
  })

  test('write over nothing', async () => {
    for (const args of [['key'], ['checkpoint-key', 'example.com/audit']]) {
      const there = write('there', 'kept')
      const { code, err } = await truehop(['audit', ...args, there])
      expect([code, err]).toEqual([2, expect.stringContaining('cannot be created')])
      expect(readFileSync(there, 'utf8')).toBe('kept')
    }
  })
})

describe('truehop audit verify --together', () => {
  // With other events: two trails with the same records would be one and the same.
  const [one, other] = [trail(3), trail(4, 'limited')]

  test('verifies the trails of several processes, and says how each fares', async () => {
    const files = [write('one.jsonl', one.lines.join('')), write('two.jsonl', other.lines.join(''))]
    const { code, out } = await truehop(['audit', 'verify', '--together', ...files])
    expect([code, out]).toEqual([0, expect.stringContaining('2 trails, unchanged')])
    const cut = write('cut.jsonl', other.lines.toSpliced(2, 1).join(''))
    const ended = await truehop(['audit', 'verify', '--together', files[0] ?? '', cut, '--json'])
    expect(ended.code).toBe(1)
    expect(JSON.parse(ended.out).findings[0]).toMatchObject({ code: 'removed' })
  })

  test('takes heads of earlier files, and says what is not shown', async () => {
    const late = [one.lines.slice(1), other.lines.slice(2)].map((part, n) =>
      write(`late-${n}.jsonl`, part.join('')),
    )
    const after = ['--after', `0:${one.hashes[0]}`, '--after', `1:${other.hashes[1]}`]
    const verify = (...args: string[]) =>
      truehop(['audit', 'verify', '--together', ...args, ...late])
    const { code, out } = await verify(...after)
    expect([code, out]).toEqual([0, expect.stringContaining('whether records after')])
    expect(await verify(...after.slice(2))).toMatchObject({ code: 1 })
    const stdin = await verify('-')
    expect([stdin.code, stdin.err]).toEqual([2, expect.stringContaining('standard input')])
  })

  const together = (...args: string[]) => truehop(['audit', 'verify', '--together', ...args])
  const both = () => [
    write('one.jsonl', one.lines.join('')),
    write('two.jsonl', other.lines.join('')),
  ]

  test('says of each trail what no head kept of it shows', async () => {
    const { code, out } = await together('--anchor', `2:${one.hashes[2]}`, ...both())
    expect(code).toBe(0)
    expect(out.match(/but .*: give --anchor/g)).toEqual([
      expect.stringMatching(/trail .*whether records after 3 were removed/),
    ])
    const all = ['--anchor', `2:${one.hashes[2]}`, '--anchor', `3:${other.hashes[3]}`]
    expect((await together(...all, ...both())).out).not.toContain('but ')
    const early = await together('--anchor', `0:${one.hashes[0]}`, both()[0] ?? '')
    expect(early.out).toContain('records after 2 were removed, or those after 0 written anew,')
  })

  test('a file without records is not called unchanged, alone or among others', async () => {
    const { code, out } = await together(write('empty.jsonl', ''))
    expect([code, out]).toEqual([0, expect.stringMatching(/^no records, so nothing was checked/)])
    expect(out).not.toContain('unchanged')
    const among = await together(write('emptied.jsonl', ''), ...both())
    expect([among.code, among.out]).toEqual([
      0,
      expect.stringMatching(/but .*emptied.jsonl is empty/),
    ])
  })

  test('says which heads and first keys are of no trail that was given', async () => {
    const lost = await together('--after', `7:${'ab'.repeat(32)}`, ...both())
    expect([lost.code, lost.out]).toEqual([
      0,
      expect.stringContaining(`continues 7:${'ab'.repeat(32)}`),
    ])
    const folder = mkdtempSync(join(tmpdir(), 'truehop-unused-'))
    const keys: string[] = []
    for (const name of ['a', 'b']) {
      const [file, keyFile] = [join(folder, `${name}.jsonl`), join(folder, name)]
      const key = (await truehop(['audit', 'key', keyFile])).out
      keys.push('--key-file', write(`${name}.first`, key))
      await auditTrail({ file, keyFile, address: 'full' }).close()
    }
    const files = ['a', 'b'].map((name) => join(folder, `${name}.jsonl`))
    expect((await together(...keys, ...files)).out).not.toContain('no record is sealed')
    const { code, out } = await together(...keys, files[0] ?? '')
    expect(code).toBe(0)
    // The name of a key is in the records that it seals.
    const id = /"key":"([0-9a-f]{8})/.exec(readFileSync(files[1] ?? '', 'utf8'))?.[1]
    expect(out).toContain(`but no record is sealed with the key ${id}:`)
    rmSync(folder, { recursive: true })
  })

  test.each([
    ['--witness', 'w+1+x'],
    ['--quorum', '1'],
  ])('%s alone is wrong usage', async (...args) => {
    for (const more of [[], ['--together']]) {
      const { code, err } = await truehop(['audit', 'verify', ...more, ...args, ...both()])
      expect([code, err]).toEqual([2, expect.stringContaining(`${args[0]} needs --checkpoint`)])
    }
  })

  test('takes checkpoints of each trail, wherever its records are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'truehop-ledger-cli-'))
    const at = (name: string) => join(folder, name)
    const keys: string[] = []
    for (const name of ['a', 'b']) {
      const signing = ['audit', 'checkpoint-key', `example.com/${name}`, at(`${name}.key`)]
      keys.push((await truehop(signing)).out.trim())
      const checkpoints = { keyFile: at(`${name}.key`), file: at(`${name}.note`) }
      const trail = auditTrail({ file: at(`${name}.jsonl`), address: 'full', checkpoints })
      trail.record('thing', { name })
      await trail.close()
    }
    const notes = readFileSync(at('a.note'), 'utf8') + readFileSync(at('b.note'), 'utf8')
    writeFileSync(at('notes'), notes)
    const checked = [
      ...['audit', 'verify', '--together', '--checkpoint', at('notes')],
      ...keys.flatMap((key) => ['--checkpoint-key', key]),
    ]
    const files = [at('b.jsonl'), at('a.jsonl')]
    const fine = await truehop([...checked, ...files])
    expect([fine.code, fine.out]).toEqual([0, expect.not.stringContaining('but ')])
    const lines = readFileSync(at('a.jsonl'), 'utf8').split('\n')
    writeFileSync(at('a.jsonl'), `${lines.slice(0, 2).join('\n')}\n`)
    const cut = await truehop([...checked, ...files])
    expect([cut.code, cut.out]).toEqual([1, expect.stringMatching(/example.com\/a .*\[cut-off\]/)])
    rmSync(folder, { recursive: true })
  })
})
