import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeWithPeers } from '../peers/harness/peer.js'
import { RedisServer } from './harness/redis-server.js'

const script = fileURLToPath(new URL('harness/process.mjs', import.meta.url))
const built = fileURLToPath(new URL('../../packages/rate-limit/dist/index.js', import.meta.url))
const LIMIT = 50
const CLIENTS = 3
/** Of each process. */
const REQUESTS = 600

interface Report {
  readonly admitted: readonly number[]
  readonly unanswered: number
}

describeWithPeers(['redis'], 'four processes on one Redis', () => {
  let server: RedisServer
  const children: ChildProcess[] = []

  beforeAll(() => {
    if (!existsSync(built)) throw new Error('nothing is built: run npm run build first')
  })

  beforeEach(async () => {
    server = await RedisServer.start()
  })

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await server.stop()
  })

  /** What four processes admitted together, by client. */
  async function admitted(network: number): Promise<number[]> {
    const args = [server.port, LIMIT, REQUESTS, CLIENTS, network].map(String)
    for (let i = 0; i < 4; i++) children.push(fork(script, args))
    for (const child of children) expect(await said(child)).toBe('ready')
    const reports = children.map((child) => said(child) as Promise<Report>)
    for (const child of children) child.send('go')
    const all = await Promise.all(reports)
    expect(all.map(({ unanswered }) => unanswered)).toEqual([0, 0, 0, 0])
    return Array.from({ length: CLIENTS }, (_, client) =>
      all.reduce((sum, report) => sum + (report.admitted[client] ?? 0), 0),
    )
  }

  test('admit to each client what the limit says, not one more and not one less', async () => {
    expect(await admitted(0)).toEqual(Array(CLIENTS).fill(LIMIT))
  })

  test('admit to the network around the clients what its wider limit says', async () => {
    const byClient = await admitted(2 * LIMIT)
    expect(byClient.reduce((a, b) => a + b)).toBe(2 * LIMIT)
    for (const count of byClient) expect(count).toBeLessThanOrEqual(LIMIT)
  })
})

async function said(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process ended with ${code}`)
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  return message
}
