import type { PolicyOptions } from '@truehop/identity'
import { beforeAll, describe, test } from 'vitest'
import { APPS, type App, startApp } from './app.js'
import { type CurlOptions, curl } from './curl.js'
import { type Expected, expectOneIdentity } from './one-identity.js'
import { describeWithPeers } from './peer.js'
import { type Service, stopAfterAll } from './service.js'

/** A way from a client to an application, through programs of others. */
export interface Topology {
  readonly title: string
  /** Names in test/peers/peers.json; curl and openssl are always needed. */
  readonly peers: readonly string[]
  readonly policy: PolicyOptions
  /** Starts what stands in front of the application; returns the URL that clients use. */
  readonly inFrontOf: (app: App, own: Own) => Promise<string>
  readonly curl?: CurlOptions
  readonly expected: Expected
}

/** Takes a service that is to be stopped after the suite. */
export type Own = <S extends Service>(service: S) => S

/** One suite a topology: every kind of application behind it, one identity for all who ask. */
export function describeTopology(topology: Topology): void {
  describeWithPeers([...topology.peers, 'curl', 'openssl'], topology.title, () => {
    describe.each(APPS)('$framework with $scheme', (kind) => {
      const own = stopAfterAll()
      let app: App
      let url: string

      beforeAll(async () => {
        app = own(await startApp({ ...kind, policy: topology.policy }))
        url = await topology.inFrontOf(app, own)
      })

      test('handler, log, allowlist and limiter name the same client', async () => {
        const send = (from: string, headers: readonly string[]) =>
          curl(url, { ...topology.curl, from, headers })
        await expectOneIdentity(app, send, topology.expected)
      })
    })
  })
}
