import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithPeers } from '../../peers/harness/peer.js'
import type { InteropPeer, Started } from './peer.js'
import type { Cell } from './results.js'
import { startUpstreams, type Upstreams } from './upstreams.js'

/** One test a cell: what our receiver reads from the program. */
export function describeSending(peer: InteropPeer, record: (cell: Cell) => void): void {
  const { sends } = peer
  if (sends === undefined) return
  describeWithPeers([...peer.programs, 'openssl'], `${peer.name} sends`, () => {
    let to: Upstreams
    let started: Started | undefined

    beforeAll(async () => {
      to = await startUpstreams()
      started = await sends.start(to)
    })
    afterAll(async () => {
      await started?.stop()
      await to.stop()
    })

    test.each(sends.cells)('$setting: $cell', async (one) => {
      if (started === undefined) throw new Error(`${peer.name} did not start`)
      const outcome = await one.ask(started, to)
      const { setting, cell } = one
      const fault = sends.faults?.[setting]?.[cell]
      const found = { peer: peer.name, role: 'sends', setting, cell, outcome } as const
      expect(outcome).toBe(fault?.does ?? sends.expected[setting]?.[cell])
      record(fault === undefined ? found : { ...found, fault: fault.avoid })
    })
  })
}
