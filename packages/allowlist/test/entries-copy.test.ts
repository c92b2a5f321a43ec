import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAddress } from '@truehop/ip'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SharedEntries, type SharedEntriesOptions, sharedEntries } from '../src/index.js'

/** An ioredis client whose server never answers. */
const never = () => new Promise<never>(() => {})
const client = { status: 'ready', eval: never, evalsha: never, on: () => client }

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-copy-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const path = (name: string) => join(folder, name)

/** Entries whose store is away. */
async function started(options: Partial<SharedEntriesOptions>): Promise<SharedEntries> {
  const entries = sharedEntries({ client, name: 'bans', deadline: 50, ...options })
  await expect(entries.ready).rejects.toThrow('did not answer within 50 ms')
  return entries
}

/** A copy of one entry that stays, and one change that the store does not have. */
async function written(file: string): Promise<string> {
  const entries = await started({ keep: path(file) })
  await entries.add('203.0.113.1', { note: 'scan', by: 'alice' })
  await entries.close()
  return readFileSync(path(file), 'utf8')
}

describe('the copy of shared entries', () => {
  test('has what was known, and the changes that the store does not have', async () => {
    const a = await started({ keep: path('restart') })
    await a.add('203.0.113.1', { note: 'scan', by: 'alice' })
    await a.add('2001:db8::/48', { ttl: 600 })
    await a.add('203.0.113.9')
    await a.remove('203.0.113.9', { note: 'a customer', by: 'bob' })
    await a.close()
    const b = await started({ keep: path('restart') })
    expect([...b.details()]).toMatchObject([
      { entry: '203.0.113.1', note: 'scan', by: 'alice', expires: undefined },
      { entry: '2001:db8::/48', note: undefined },
    ])
    const inside = parseAddress('2001:db8::7')
    expect(inside && b.match(inside)?.entry).toBe('2001:db8::/48')
    expect(b.status()).toMatchObject({ size: 2, pending: 3, copyError: undefined, stale: true })
    await b.close()
  })

  test('is readable for the service alone, and leaves no other file behind', async () => {
    mkdirSync(path('alone'))
    await written('alone/bans')
    expect(readdirSync(path('alone'))).toEqual(['bans'])
    const mode = execFileSync('stat', ['-c', '%a', path('alone/bans')], { encoding: 'utf8' })
    expect(mode).toBe('600\n')
  })

  test('counts what was changed before it was read', async () => {
    await written('early')
    const entries = sharedEntries({ client, name: 'bans', deadline: 50, keep: path('early') })
    const removed = entries.remove('203.0.113.1')
    await entries.ready.catch(() => {})
    await removed
    expect([...entries.entries()]).toEqual([])
    await entries.close()
  })

  test.each<[string, (copy: string) => string, string, readonly string[]]>([
    ['of other entries', (copy) => copy.replace('"bans"', '"other"'), 'has the entries of', []],
    ['of something else', () => '{"updatedAt":1}\n203.0.113.1\n', 'the copy in', []],
    ['without a beginning', () => 'x', 'does not begin like a copy', []],
    ['of a later format', (copy) => copy.replace('["entries",1', '["entries",2'), 'begin like', []],
    [
      'that was cut off',
      (copy) => copy.slice(0, copy.indexOf('["removed"') === -1 ? copy.lastIndexOf('["add"') : 0),
      'is cut off',
      ['203.0.113.1'],
    ],
    [
      'with a time that is none',
      (copy) => copy.replace(/,0,\d+,0\]/, ',"0",1,0]'),
      'no instance',
      [],
    ],
    [
      'with an endless time',
      (copy) => copy.replace(/,0,\d+,0\]/, ',1e999,1,0]'),
      'no instance',
      [],
    ],
    ['with an unknown kind', (copy) => copy.replace('["held"', '["kept"'), 'no instance', []],
    [
      'with an endless line',
      (copy) => copy.replace('["about"', ' '.repeat(2 ** 21)),
      'no instance',
      [],
    ],
  ])(
    '%s is not taken for one, and the reason is in the status',
    async (name, damage, why, left) => {
      const file = `damaged-${name}`
      writeFileSync(path(file), damage(await written(file)))
      const entries = await started({ keep: path(file) })
      expect([...entries.entries()]).toEqual(left)
      expect(entries.status().copyError).toContain(why)
      // Nothing has changed since: whoever looks into it finds it as it is.
      const before = readFileSync(path(file), 'utf8')
      await entries.close()
      expect(readFileSync(path(file), 'utf8')).toBe(before)
    },
  )

  test('has the removal of an entry that was not known here', async () => {
    const a = await started({ keep: path('unknown') })
    expect(await a.remove('203.0.113.1')).toBe('local')
    await a.close()
    const b = await started({ keep: path('unknown') })
    expect(b.status()).toMatchObject({ size: 0, pending: 1 })
    await b.close()
  })

  test.each(['removed', 'remove'])('of an entry that was %s while it was written', async (kind) => {
    const copy = await written(kind)
    const [, time = ''] = /"203\.0\.113\.1",0,(\d+),0\]/.exec(copy) ?? []
    const removal = `["${kind}","203.0.113.1",0,${Number(time) + 1},0]\n`
    writeFileSync(path(kind), copy.replace(/\["add".*\n/, removal))
    const entries = await started({ keep: path(kind) })
    expect([...entries.entries()]).toEqual([])
    expect(entries.status().copyError).toBeUndefined()
    await entries.close()
  })

  test('has no more changes than an instance keeps', async () => {
    const copy = await written('many')
    const lines = Array.from({ length: 10_050 }, (_, i) => {
      return `["remove","10.1.${i >> 8}.${i & 255}",0,1700000000000,0]\n`
    })
    writeFileSync(
      path('many'),
      copy.replace('["end"]', () => `${lines.join('')}["end"]`),
    )
    const entries = await started({ keep: path('many') })
    expect(entries.status()).toMatchObject({ pending: 10_000, copyError: undefined })
    await entries.close()
  })

  test.each<[string, (file: string) => unknown]>([
    ['a folder', (file) => mkdirSync(path(file))],
    ['a named pipe', (file) => execFileSync('mkfifo', [path(file)])],
  ])('%s is not read', async (kind, make) => {
    make(kind)
    const entries = await started({ keep: path(kind) })
    expect(entries.status().copyError).toMatch(/regular file|EISDIR/)
    void entries.close()
  })

  test('that is not there yet is no error', async () => {
    const entries = await started({ keep: path('none/yet') })
    expect(entries.status()).toMatchObject({ size: 0, copyError: undefined })
    await entries.close()
  })
})
