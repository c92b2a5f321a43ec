import { RedisStore } from '@truehop/rate-limit'
import { storeCases } from '@truehop/rate-limit/store-tests'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { describeWithPeers } from '../peers/harness/peer.js'
import { CLIENTS, CLUSTER_CLIENTS, type Connected } from './harness/clients.js'
import { RedisServer } from './harness/redis-server.js'

describeWithPeers(['redis'], 'the suite for stores', () => {
  describe.each([
    ['Redis', () => RedisServer.start(), CLIENTS],
    ['a Redis cluster', () => RedisServer.startCluster(), CLUSTER_CLIENTS],
  ])('on %s', (_where, start, clients) => {
    let server: RedisServer

    beforeAll(async () => {
      server = await start()
    })

    afterAll(() => server.stop())

    describe.each(clients)('through %s', (_name, connect) => {
      let connected: Connected
      let store: RedisStore

      beforeAll(async () => {
        connected = await connect(server.port)
        store = new RedisStore(connected.store)
      })

      afterAll(() => connected.close())

      test.each(storeCases)('$name', ({ run }) => run(store))
    })
  })
})
