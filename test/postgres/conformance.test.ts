import { RateLimiter } from '@truehop/rate-limit'
import { storeCases } from '@truehop/rate-limit/store-tests'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { client } from '../../packages/rate-limit/test/identities.js'
import { PostgresServer, postgresPrograms } from './postgres-server.js'
import { PostgresStore, SCHEMA } from './postgres-store.js'

const programs = postgresPrograms()
const missing = 'Postgres is missing: apt-get install postgresql'

describe('a store in Postgres', () => {
  if (programs === undefined) {
    test(missing, ({ skip }) => {
      if (process.env['CI'] === 'true') throw new Error(missing)
      skip(missing)
    })
    return
  }

  let server: PostgresServer
  let store: PostgresStore

  beforeAll(async () => {
    server = await PostgresServer.start(programs)
    await server.pool.query(SCHEMA)
    store = new PostgresStore(server.pool)
  })

  afterAll(() => server.stop())

  test.each(storeCases)('$name', ({ run }) => run(store))

  test('is a store of a limiter, and shared by all of a name', async () => {
    const options = { limit: 5, window: 600, store, deadline: 10_000 }
    const limiters = [new RateLimiter<object>(options), new RateLimiter<object>(options)]
    const asked = Array.from({ length: 20 }, (_, i) =>
      limiters[i % 2]?.decide(client('198.51.100.7'), {}),
    )
    const decisions = await Promise.all(asked)
    expect(decisions.filter((decision) => decision?.allowed)).toHaveLength(5)
  })
})
