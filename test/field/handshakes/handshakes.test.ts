import { describe, expect, test } from 'vitest'
import { PEM } from '../../edges/pem.js'
import { CALLBACKS, CELLS, type Cell, PLACES, SERVERS, VERSIONS } from './cells.js'
import { runCell } from './run.js'

const CLIENTS = 4

/** The short form of `pnpm handshakes`, on this Node. Section 2 of the contract of evidence: it follows the connection. */
describe.each(SERVERS)('clients behind one proxy, whose handshakes overlap on %s', (server) => {
  describe.each(VERSIONS)('%s', (version) => {
    test.each(CELLS.filter((cell) => cell.server === server && cell.version === version))(
      'are themselves when $callback is answered in $place',
      async (cell: Cell) => {
        const { wrong, answers, callbacks } = await runCell(cell, CLIENTS, PEM)
        expect(wrong).toEqual([])
        expect(answers).toBe(2 * CLIENTS)
        if (cell.callback !== 'none') expect(callbacks).toBeGreaterThanOrEqual(CLIENTS)
      },
    )
  })
})

test('there are all of them', () => {
  expect(CELLS).toHaveLength(CALLBACKS.length * PLACES.length * SERVERS.length * VERSIONS.length)
})

test('sessions are resumed where the server is asked for them', async () => {
  const cell = {
    version: 'TLSv1.2',
    server: 'tls',
    callback: 'resumeSession',
    place: 'a timer',
  } as const
  expect((await runCell(cell, CLIENTS, PEM)).resumed).toBe(CLIENTS)
})
