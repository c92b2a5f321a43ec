import { createServer, type Server } from 'node:net'
import { PeerSet } from '@truehop/ip'
import { describe, expect, test } from 'vitest'
import { AcceptError, type AcceptOptions, acceptProxyProtocol } from '../../src/index.js'

const from = ['10.0.0.0/8']

describe('a mistake in the options throws at start-up, and says what to write', () => {
  test.each<[unknown, string, RegExp]>([
    [undefined, 'options', /from: \['10\.0\.0\.0\/16'\]/],
    [{}, 'from', /is missing; name your proxies/],
    [{ from: [] }, 'from', /is empty/],
    [{ from: '10.0.0.0/8' }, 'from', /must be an array/],
    [{ from: ['10.0.0.0/33'] }, 'from', /10\.0\.0\.0\/33/],
    [{ from: ['10.0.0.0/8', '*'] }, 'from', /\*/],
    [{ from: [1] }, 'from', /strings/],
    [{ from, direct: true }, 'direct', /'reject' or 'accept'/],
    [{ from, optional: 'yes' }, 'optional', /true or false/],
    [{ from, healthCheckFrom: [] }, 'healthCheckFrom', /is empty/],
    [{ from, timeout: 2999 }, 'timeout', /3000 to 600000 \(milliseconds\)/],
    [{ from, timeout: Number.NaN }, 'timeout', /NaN/],
    [{ from, timeout: '5s' }, 'timeout', /'5s'/],
    [{ from, timeout: Number.POSITIVE_INFINITY }, 'timeout', /Infinity/],
    [{ from, timeout: 0, unsafeShortTimeout: true }, 'timeout', /1 to/],
    [{ from, maxHeaders: 0 }, 'maxHeaders', /1 to 16/],
    [{ from, maxHeaders: 1.5 }, 'maxHeaders', /integer/],
    [{ from, maxHeaderBytes: 231 }, 'maxHeaderBytes', /232 to 65551/],
    [{ from, versions: [] }, 'versions', /must be a non-empty array.*write \[2\]/],
    [{ from, versions: [3] }, 'versions[0]', /must be 1 or 2, got 3/],
    [{ from, versions: [1, '2'] }, 'versions[1]', /must be 1 or 2, got '2'/],
    [{ from, versions: 2 }, 'versions', /must be a non-empty array, got 2/],
    [{ from, name: '' }, 'name', /a string of 1 to 64 characters/],
    [{ from, name: 'x'.repeat(65) }, 'name', /a string of 1 to 64 characters/],
    [{ from, name: 7 }, 'name', /got 7/],
    [{ from, maxPending: -1 }, 'maxPending', /1 to 1000000/],
    [{ from, maxPendingPerPeer: null }, 'maxPendingPerPeer', /null/],
    [{ from, onRefused: 'log' }, 'onRefused', /function/],
    [{ from, maxheaders: 2 }, 'maxheaders', /unknown option; write maxHeaders/],
  ])('%o', (options, option, message) => {
    const server = createServer()
    const attempt = () => acceptProxyProtocol(server, options as AcceptOptions)
    expect(attempt).toThrow(AcceptError)
    expect(attempt).toThrow(message)
    expect(attempt).toThrow(expect.objectContaining({ path: option, code: 'bad-accept-option' }))
    expect(server.eventNames()).toEqual([])
  })

  test.each([undefined, {}, { listen() {} }, () => {}])('%o is not a server', (server) => {
    const attempt = () => acceptProxyProtocol(server as Server, { from })
    expect(attempt).toThrow(/app\.listen\(\)/)
    expect(attempt).toThrow(expect.objectContaining({ code: 'bad-server' }))
  })
})

describe('what is valid', () => {
  test.each<AcceptOptions>([
    { from },
    { from: PeerSet.from(['private', 'unix']) },
    { from: new Set(['any']), direct: 'accept', optional: true, timeout: 3000 },
    { from, timeout: 1, unsafeShortTimeout: true },
    { from, healthCheckFrom: ['loopback'], maxHeaders: 16, maxHeaderBytes: 65_551 },
    { from, versions: [2] },
    { from, versions: [2, 1, 2] },
    { from, maxPending: 1, maxPendingPerPeer: 1, onRefused: () => {} },
  ])('%o', (options) => {
    const handle = acceptProxyProtocol(createServer(), options)
    expect(handle.counters).toEqual({
      accepted: 0,
      version1: 0,
      version2: 0,
      local: 0,
      headerInPayload: 0,
      direct: 0,
      probes: 0,
      pending: 0,
      refused: {},
      refusedTotal: 0,
    })
  })
})
