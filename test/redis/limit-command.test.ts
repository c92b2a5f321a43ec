import { RateLimiter } from '@truehop/rate-limit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fileWriter, truehop } from '../../packages/cli/test/command-line.js'
import { client } from '../../packages/rate-limit/test/identities.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { RedisServer } from './harness/redis-server.js'

const IP = '198.51.100.7'

const write = fileWriter()

describeWithPeers(['redis'], 'truehop limit', () => {
  let server: RedisServer
  let redis: Redis
  let file = ''
  let service: RateLimiter<object>

  beforeAll(async () => {
    server = await RedisServer.start()
    redis = new Redis({ host: '127.0.0.1', port: server.port })
    const api = { name: 'api', limit: 3, window: 600, wider: [{ ipv4Prefix: 24, limit: 40 }] }
    const plan = { name: 'plan', limit: 50, window: 3600, standalone: true }
    const limits = [api, { ...plan, key: () => 'account-17' }]
    service = new RateLimiter({ limits, store: redis, onStoreError: 'deny', deadline: 10_000 })
    file = write('limits.json', { limits: [api, { ...plan, key: true }] })
  })

  beforeEach(() => redis.flushall())

  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })

  const ask = () => service.decide(client(IP), {})
  const run = (name: string, ...args: string[]) => {
    const environment = { TRUEHOP_REDIS: `redis://127.0.0.1:${server.port}` }
    return truehop(['limit', name, '--limits', file, ...args], { environment })
  }

  test('shows what the service has counted, and charges nothing', async () => {
    await ask()
    await run('show', IP)
    const { code, out } = await run('show', '--json', IP)
    expect(JSON.parse(out)).toMatchObject([
      { name: 'api', limit: 3, remaining: 2, exceeded: false },
    ])
    expect(code).toBe(0)
    const plan = await run('show', '--name', 'plan', '--key', 'account-17')
    expect(plan.out).toContain('49 of 50')
  })

  test('ends with 1 for a client that is refused', async () => {
    for (let i = 0; i < 3; i++) await ask()
    expect(await run('show', IP)).toMatchObject({ code: 1, err: '' })
  })

  test('resets and rewards', async () => {
    for (let i = 0; i < 3; i++) await ask()
    expect(await run('reward', '--units', '2', IP)).toMatchObject({ code: 0, err: '' })
    expect(await service.peek({ client: IP, limit: 'api' })).toMatchObject([{ remaining: 2 }])
    await run('reset', IP)
    expect(await service.peek({ client: IP, limit: 'api' })).toMatchObject([{ remaining: 3 }])
  })

  test('blocks in the service too', async () => {
    await run('block', '--for', '120', '--name', 'api', IP)
    expect(await ask()).toMatchObject({ allowed: false, reason: 'blocked', retryAfter: 120 })
  })

  test('says what is wrong with the line, the file and the store', async () => {
    const wrong = async (args: string[], environment = {}) => {
      const { code, err } = await truehop(['limit', ...args], { environment })
      expect(code).toBe(2)
      return err
    }
    const store = ['--redis', `redis://127.0.0.1:${server.port}`]
    const bad = write('bad.json', { limit: '3', window: 60 })
    expect(await wrong(['show', '--limits', file, ...store])).toContain(
      'Write an address, or --key',
    )
    expect(await wrong(['show', '--limits', file, IP])).toContain('TRUEHOP_REDIS')
    expect(await wrong(['show', '--limits', bad, ...store, IP])).toContain(
      'limit: must be an integer',
    )
    const twice = write('twice.json', '{ "limits": [{\n"limit": 3, "window": 60, "limit": 9 }] }')
    expect(await wrong(['show', '--limits', twice, ...store, IP])).toContain(
      `${twice}:2:27: limits[0].limit is there already, at 2:1, and only the last one would count`,
    )
    expect(await wrong(['show', '--limits', file, ...store, 'x'])).toContain('must be an address')
    const nobody = ['--redis', 'redis://127.0.0.1:1']
    expect(await wrong(['show', '--limits', file, ...nobody, IP])).toContain('cannot be reached')
    expect(await wrong(['block', '--limits', file, ...store, IP])).toContain('--for')
  })
})
