import type { Cast } from './cast.js'
import { startEdge } from './edge.js'
import type { Listening } from './listening.js'
import { startRelay } from './relay.js'

/** An application with everything in front of it. */
export interface Site {
  readonly name: string
  readonly cast: Cast
  readonly app: Listening
  readonly relayV1: Listening
  readonly relayV2: Listening
  /** In front of `relayV2`. */
  readonly edge: Listening
  /** The same, and it writes `unknown` for its clients: Squid with `forwarded_for off`. */
  readonly hidingEdge: Listening
}

/** Starts relays and edges in front of an application. */
export async function buildSite(name: string, cast: Cast, app: Listening): Promise<Site> {
  const relay = { address: cast.relay, listenAt: cast.relayDoors, target: app }
  const relayV1 = await startRelay({ ...relay, version: 1 })
  const relayV2 = await startRelay({ ...relay, version: 2 })
  const edge = { address: cast.edge, listenAt: cast.edgeDoors, target: relayV2 }
  return {
    name,
    cast,
    app,
    relayV1,
    relayV2,
    edge: await startEdge({ ...edge, entryFor: (client) => client }),
    hidingEdge: await startEdge({ ...edge, entryFor: () => 'unknown' }),
  }
}

/** Closes from the outside in, so that nothing forwards to a server that is gone. */
export async function closeSite(site: Site): Promise<void> {
  await Promise.all([site.edge.close(), site.hidingEdge.close()])
  await Promise.all([site.relayV1.close(), site.relayV2.close()])
  await site.app.close()
}
