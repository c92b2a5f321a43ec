import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { EntryChangedMessage, SharedEntry } from '@truehop/allowlist'
import { verifyLedger } from '@truehop/log'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { truehop } from '../../packages/cli/test/command-line.js'
import { temporaryFolder } from '../peers/harness/folder.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { RedisServer } from './harness/redis-server.js'

const script = fileURLToPath(new URL('harness/instance.mjs', import.meta.url))
const built = fileURLToPath(new URL('../../packages/allowlist/dist/index.js', import.meta.url))

/** A process that shares entries, and does what it is told. */
class Instance {
  readonly #child: ChildProcess
  #asked = 0

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(port: number, by: string, audit?: string): Promise<Instance> {
    const child = fork(script, [JSON.stringify({ port, by, audit })])
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the process ended with ${code}`)
    })
    await Promise.race([once(child, 'message'), ended])
    ended.catch(() => {})
    return new Instance(child)
  }

  ask<T>(act: string, ...args: unknown[]): Promise<T> {
    const id = ++this.#asked
    return new Promise((resolve) => {
      const listen = (message: { id: number; result: T }): void => {
        if (message.id !== id) return
        this.#child.off('message', listen)
        resolve(message.result)
      }
      this.#child.on('message', listen)
      this.#child.send({ id, act, args })
    })
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}

describeWithPeers(['redis'], 'entries that processes share', () => {
  let server: RedisServer
  const instances: Instance[] = []

  beforeAll(() => {
    if (!existsSync(built)) throw new Error('nothing is built: run npm run build first')
  })

  beforeEach(async () => {
    server = await RedisServer.start()
  })

  afterEach(async () => {
    for (const each of instances.splice(0)) await each.kill()
    await server.stop()
  })

  async function start(by: string, audit?: string): Promise<Instance> {
    const instance = await Instance.start(server.port, by, audit)
    instances.push(instance)
    return instance
  }

  test('survive the process that added them, and the store that held them', async () => {
    const [a, b] = [await start('a'), await start('b')]
    expect(await a.ask('add', '203.0.113.7', { note: 'scan' })).toBe('shared')
    await until(async () => (await b.ask('match', '203.0.113.7')) === '203.0.113.7')
    await a.kill()
    const c = await start('c')
    expect(await c.ask('match', '203.0.113.7')).toBe('203.0.113.7')
    await server.kill()
    expect(await c.ask('match', '203.0.113.7')).toBe('203.0.113.7')
    expect(await c.ask('add', '203.0.113.8', {})).toBe('local')
    await server.run()
    await until(async () => (await b.ask('match', '203.0.113.8')) === '203.0.113.8')
    const d = await start('d')
    await until(async () => (await d.ask<SharedEntry[]>('details')).length === 2)
    const by = (await d.ask<SharedEntry[]>('details')).map((entry) => `${entry.entry} ${entry.by}`)
    expect(by.sort()).toEqual(['203.0.113.7 a', '203.0.113.8 c'])
    // Four processes start, on a machine that may have other things to do.
  })

  test('have a record in the audit trail of every instance, whoever added and removed them', async () => {
    const folder = temporaryFolder('shared-audit')
    const files = ['a', 'b', 'c'].map((by) => join(folder, `${by}.jsonl`))
    const [a, b] = [await start('a', files[0]), await start('b', files[1])]
    await a.ask('add', '203.0.113.7', { note: 'scan', by: 'alice', ttl: 600 })
    await until(async () => (await b.ask('match', '203.0.113.7')) !== null)
    const c = await start('c', files[2])
    await b.ask('remove', '203.0.113.7', { by: 'bob' })
    for (const each of [a, c])
      await until(async () => (await each.ask('match', '203.0.113.7')) === null)
    for (const each of [a, b, c]) await each.ask('flush')
    const told = files.map((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
        .filter(({ event }) => event.startsWith('entr'))
        .map(({ event, facts }) => [event, facts.name, facts.entry, facts.by]),
    )
    const added = ['entry-added', 'bans', '203.0.113.7', 'alice']
    const removed = ['entry-removed', 'bans', '203.0.113.7', 'bob']
    for (const [i, list] of told.entries()) {
      // The one that started late read the entry with all others, and heard of its end.
      const one = list.filter(([event]) => event !== 'entries-loaded')
      expect(one).toEqual(i === 2 ? [removed] : [added, removed])
    }
    expect(told[2]?.map(([event]) => event)).toContain('entries-loaded')
    const report = await verifyLedger(files)
    expect(report).toMatchObject({ ok: true, trails: [{}, {}, {}] })
    rmSync(folder, { recursive: true })
  })

  test('are what an operator adds, looks at and removes on the command line', async () => {
    const a = await start('a')
    const url = `redis://127.0.0.1:${server.port}`
    const list = (...args: string[]) => truehop(['list', ...args, '--redis', url])
    const added = await list('add', 'bans', '203.0.113.0/24', '--ttl', '60', '--by', 'alice')
    expect(added).toMatchObject({ code: 0, out: 'added to bans: 203.0.113.0/24\n' })
    await until(async () => (await a.ask('match', '203.0.113.9')) === '203.0.113.0/24')
    expect((await list('show', 'bans')).out).toMatch(/203\.0\.113\.0\/24 +\d{4}-.* +alice/)
    expect(JSON.parse((await list('show', 'bans', '--json')).out)).toMatchObject([
      { entry: '203.0.113.0/24', by: 'alice' },
    ])
    expect(await list('show', 'bans', '203.0.113.7')).toMatchObject({ code: 0 })
    expect(await list('show', 'bans', '198.51.100.7')).toMatchObject({ code: 1 })
    expect(await list('remove', 'bans', '203.0.113.7')).toMatchObject({
      code: 1,
      out: 'not in bans: 203.0.113.7; its entry is 203.0.113.0/24, which stays until that is removed\n',
    })
    expect(await list('remove', 'bans', '203.0.113.0/24')).toMatchObject({ code: 0 })
    expect(await list('remove', 'bans', '203.0.113.0/24')).toMatchObject({ code: 1 })
    await until(async () => (await a.ask('match', '203.0.113.9')) === null)
    const changes = await a.ask<EntryChangedMessage[]>('changes')
    expect(changes.map(({ change, by }) => `${change} ${by}`)[0]).toBe('add alice')
    expect(changes.map(({ change }) => change)).toEqual(['add', 'remove'])
  })

  test('a wrong command line is told what to write', async () => {
    const url = `redis://127.0.0.1:${server.port}`
    const wrong: [readonly string[], string][] = [
      [['show', 'bans'], 'TRUEHOP_REDIS'],
      [['show', 'bans', '--redis', 'http://:secret@h'], 'redis://'],
      [['show', 'b a', '--redis', url], 'must be 1 to 64 letters'],
      [['add', 'bans', 'unknown', '--redis', url], 'is not a prefix'],
      [['add', 'bans', '203.0.113.7', '--ttl', '0', '--redis', url], '--ttl must be'],
      [['show', 'bans', 'unknown', '--redis', url], 'is not an address'],
      [['show', 'bans', '--redis', 'redis://127.0.0.1:1'], 'cannot be reached'],
    ]
    for (const [args, said] of wrong) {
      const ended = await truehop(['list', ...args])
      expect(ended.code, said).toBe(2)
      expect(ended.err).toContain(said)
      expect(ended.err).not.toContain('secret')
    }
  })
})

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isSo()) return
    await sleep(50)
  }
  throw new Error('it does not come to that')
}
