import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { curl } from '../../peers/harness/curl.js'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { describeWithPeers, peerPath } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'
import { type Service, startProgram } from '../../peers/harness/service.js'
import { RedisServer } from '../../redis/harness/redis-server.js'
import { filesOf, programFolder, startPageProgram, withReplaced } from './page-files.js'

const files = filesOf('docs/ways/fastify-haproxy-redis.md')

/** In front of what the page shows: nobody has to wait long. */
const DEFAULTS =
  'global\n  nbthread 1\ndefaults\n  timeout connect 5s\n  timeout client 10s\n  timeout server 10s\n'

/** Each program is asked from another address, so that what one counted is not the other's. */
const CLIENTS = { before: '127.0.0.71', compare: '127.0.0.72', after: '127.0.0.73' }

describeWithPeers(['haproxy', 'redis', 'curl'], 'the way of a Fastify service', () => {
  const folder = programFolder()
  const running: { stop(): Promise<unknown> | undefined }[] = []
  let redis: RedisServer

  beforeAll(async () => {
    redis = await RedisServer.start()
    return () => redis.stop()
  })

  afterEach(async () => {
    for (const service of running.splice(0).reverse()) await service.stop()
  })

  /** Starts a program of the page behind HAProxy with a configuration of the page; its address. */
  async function start(program: string, configuration: string): Promise<string> {
    const [port, front] = [await freePort(), await freePort()]
    const here = [
      ['10.0.0.5', '127.0.0.1'],
      ['3000', port],
      ['6379', redis.port],
      ['0.0.0.0:80', `127.0.0.1:${front}`],
    ] as const
    const textOf = (name: string) => withReplaced(files[name] ?? '', here)
    running.push(await startPageProgram(join(folder, program), textOf(program), port))
    running.push(await startHaproxy(`${DEFAULTS}${textOf(configuration)}\n`, front))
    return `http://127.0.0.1:${front}/`
  }

  const ask = async (url: string, from: string, ...headers: readonly string[]) => {
    const { status, body } = await curl(url, { from, headers })
    return { status, body: JSON.parse(body) }
  }

  test('before: trustProxy and @fastify/rate-limit', async () => {
    const url = await start('before.mjs', 'haproxy.cfg')
    const from = CLIENTS.before
    const forged = 'X-Forwarded-For: 192.0.2.66'
    expect(await ask(url, from, forged)).toEqual({ status: 200, body: { client: from } })
    await ask(url, from)
    await ask(url, from)
    expect((await ask(url, from)).status).toBe(429)
  })

  test('1. both answers side by side', async () => {
    const url = await start('compare.mjs', 'haproxy.cfg')
    const from = CLIENTS.compare
    const { status, body } = await ask(url, from, 'X-Forwarded-For: 192.0.2.66')
    expect({ status, body }).toEqual({ status: 200, body: { client: from, decided: from } })
  })

  test('2. the switch: the same client, the limit in Redis, and 429', async () => {
    const url = await start('after.mjs', 'haproxy.cfg')
    const from = CLIENTS.after
    const seen = { status: 200, body: { client: from, decided: from } }
    expect(await ask(url, from, 'X-Forwarded-For: 192.0.2.66')).toEqual(seen)
    // Where a slow Redis is not waited for, the process counts in its place, and has as many to give.
    const statuses: number[] = []
    while (!statuses.includes(429) && statuses.length < 7) {
      statuses.push((await ask(url, from)).status)
    }
    expect(statuses).toContain(429)
    expect(await redis.command('KEYS truehop:rate-limit:*')).toContain(from)
    await redis.kill()
    const other = '127.0.0.74'
    expect((await ask(url, other)).status).toBe(200)
    await redis.run()
  })

  test('3. PROXY headers in place of X-Forwarded-For', async () => {
    const url = await start('proxy.mjs', 'haproxy-tcp.cfg')
    const from = '127.0.0.75'
    const seen = { status: 200, body: { client: from, decided: from } }
    expect(await ask(url, from, 'X-Forwarded-For: 192.0.2.66')).toEqual(seen)
  })
})

async function startHaproxy(configuration: string, readyPort: number): Promise<Service> {
  const folder = temporaryFolder('haproxy')
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, configuration)
  return startProgram({ path: peerPath('haproxy'), args: ['-db', '-f', file], readyPort, folder })
}
