import { afterEach, expect, test, vi } from 'vitest'
import { sharedEntries } from '../src/index.js'

const disk = vi.hoisted(() => ({ hangs: 'reading' }))

vi.mock('@truehop/identity/adapter', async (original) => {
  const adapter = await original<typeof import('@truehop/identity/adapter')>()
  const keptCopyIn: typeof adapter.keptCopyIn = (...args) =>
    disk.hangs === 'reading' ? new Promise(() => {}) : adapter.keptCopyIn(...args)
  return { ...adapter, keptCopyIn, writeKept: () => new Promise(() => {}) }
})

afterEach(() => void vi.useRealTimers())

/** A store with one entry. */
const answer = async (...[, , , , , question]: readonly unknown[]): Promise<unknown> => {
  const now = String(Date.now())
  if (String(question).includes('"page"')) return [now, '0', ['203.0.113.1', '0 1 {}']]
  return [now, String(question).includes('"epoch":"7"') ? 'ok' : 'behind', '7', '1', '7', [], []]
}
const client = { status: 'ready', eval: answer, evalsha: answer, on: () => client }

test('a disk that hangs keeps neither the store from being asked nor the service from ending', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const entries = sharedEntries({ client, name: 'bans', keep: '/nowhere/bans' })
  await vi.advanceTimersByTimeAsync(15_000)
  await entries.ready
  expect([...entries.entries()]).toEqual(['203.0.113.1'])
  expect(entries.status().copyError).toContain('the last access to the file has not ended yet')
  const closed = entries.close()
  await vi.advanceTimersByTimeAsync(20_000)
  await closed
})

test('a copy that is being written for ever keeps the service from ending for 20 seconds', async () => {
  disk.hangs = 'writing'
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const entries = sharedEntries({ client, name: 'bans', keep: '/nowhere/bans' })
  await entries.ready
  let isClosed = false
  const closed = entries.close().then(() => {
    isClosed = true
  })
  await vi.advanceTimersByTimeAsync(19_999)
  expect(isClosed).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await closed
  expect(entries.status().copyError).toContain('did not answer within 20000 ms')
})
