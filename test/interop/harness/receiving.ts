import { describe, expect, test } from 'vitest'
import { start as startCommand } from '../../../packages/cli/test/running.js'
import { describeWithPeers } from '../../peers/harness/peer.js'
import { HEADER_NAMES, HEADERS, type HeaderName } from './headers.js'
import { outcomeOf } from './outcome.js'
import type { InteropPeer, Listener, Receiver, Receives } from './peer.js'
import { type Cell, isLong } from './results.js'
import { askByConnect, WAYS } from './ways.js'

/** What the ways beside `proxyConnect` are tried with. */
const OF_EACH_VERSION = ['v1 INET', 'v2 TLVs, CRC32C'] as const

export interface Receiving {
  readonly peer: InteropPeer
  readonly receives: Receives
  receiver(): Promise<Receiver>
}

/** One test a listener and header, and one a listener and way to send. */
export function describeReceiving(receiving: Receiving, record: (cell: Cell) => void): void {
  const { peer, receives } = receiving
  describeWithPeers([...peer.programs, 'openssl'], `${peer.name} receives`, () => {
    describe.each(receives.listeners)('$setting', (listener) => {
      const add = (cell: string, name: HeaderName, outcome: string): void => {
        const fault = listener.faults[name]
        if (fault === undefined) expect(HEADERS[name].expected).toContain(outcome)
        else expect(outcome).toBe(fault.does)
        const { setting } = listener
        const found = { peer: peer.name, role: 'receives', setting, cell, outcome } as const
        record(fault === undefined ? found : { ...found, fault: fault.avoid })
      }

      test.each(HEADER_NAMES)('%s', async (name) => {
        const receiver = await receiving.receiver()
        await receiver.skip?.()
        const came = await askByConnect(portOf(receiver, listener), listener, name)
        add(name, name, await outcomeOf(receiver, came))
      })

      // One listener of each program shows what the ways do, in the short form.
      if (!isLong && listener !== receives.listeners[0]) return
      for (const name of OF_EACH_VERSION) {
        for (const way of ['agent', 'undici'] as const) {
          if (listener.speaks !== undefined) continue
          test(`${name} by ${way}`, async () => {
            const receiver = await receiving.receiver()
            const { header, crc32c = false } = HEADERS[name]
            if (header === undefined) throw new Error(`${name} has no header`)
            const scheme = listener.tls === true ? 'https' : 'http'
            const asked = WAYS[way](scheme, portOf(receiver, listener), header, crc32c)
            const came = await asked.catch(() => '')
            add(`${name} by ${way}`, name, await outcomeOf(receiver, came))
          })
        }
        test(`${name} by relay`, async () => {
          const receiver = await receiving.receiver()
          await receiver.skip?.()
          const to = ['--to', `127.0.0.1:${portOf(receiver, listener)}`]
          const send = ['--send', name === 'v1 INET' ? 'v1' : 'v2', '--client', '192.0.2.7']
          const relay = await startCommand('relay', '--listen', '0', ...to, ...send)
          const came = await askByConnect(relay.port, listener, 'none')
          add(`${name.slice(0, 2)} by relay`, name, await outcomeOf(receiver, came))
        })
      }
    })
  })
}

export function portOf({ ports }: Receiver, { port }: Listener): number {
  const found = ports[port]
  if (found === undefined) throw new Error(`no port ${port}`)
  return found
}
