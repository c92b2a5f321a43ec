import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Refusal, type RefusalReason, refusalLog } from '../../src/index.js'

function refusal(reason: RefusalReason): Refusal {
  return {
    reason,
    message: `refused: ${reason}`,
    peer: '192.0.2.1',
    peerPort: 4711,
    localAddress: '10.0.0.1',
    localPort: 443,
    firstBytes: Uint8Array.of(0x16, 3, 1),
  }
}

describe('the log of refused connections', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('a line for each refusal, with its fields', () => {
    const warn = vi.fn()
    refusalLog({ warn })(refusal('tls-without-header'))
    expect(warn.mock.calls).toEqual([
      [
        {
          event: 'proxy_protocol.refused',
          reason: 'tls-without-header',
          peer: '192.0.2.1',
          peerPort: 4711,
          localAddress: '10.0.0.1',
          localPort: 443,
          firstBytes: '160301',
        },
        'refused: tls-without-header',
      ],
    ])
  })

  test('a scan writes as many lines as allowed, and one that sums up the rest', () => {
    const warn = vi.fn()
    const onRefused = refusalLog({ warn }, { perMinute: 3 })
    for (let times = 0; times < 1000; times++) onRefused(refusal('missing'))
    expect(warn).toHaveBeenCalledTimes(3)
    vi.advanceTimersByTime(60_000)
    expect(warn).toHaveBeenCalledTimes(4)
    expect(warn.mock.lastCall).toEqual([
      { event: 'proxy_protocol.refused', reason: 'missing', suppressed: 997 },
      '997 more connections refused in the last minute (missing)',
    ])
    onRefused(refusal('missing'))
    expect(warn).toHaveBeenCalledTimes(5)
  })

  test('one reason does not hide another', () => {
    const warn = vi.fn()
    const onRefused = refusalLog({ warn }, { perMinute: 1 })
    for (let times = 0; times < 5; times++) onRefused(refusal('missing'))
    onRefused(refusal('untrusted-peer'))
    expect(warn.mock.calls.map(([fields]) => fields.reason)).toEqual(['missing', 'untrusted-peer'])
  })

  test('nothing left out, nothing summed up', () => {
    const warn = vi.fn()
    refusalLog({ warn })(refusal('missing'))
    vi.advanceTimersByTime(200_000)
    expect(warn).toHaveBeenCalledTimes(1)
  })

  test.each([0, -1, 1.5, Number.NaN, 6001])('perMinute %d is refused', (perMinute) => {
    expect(() => refusalLog({ warn() {} }, { perMinute })).toThrow(/1 to 6000/)
  })
})
