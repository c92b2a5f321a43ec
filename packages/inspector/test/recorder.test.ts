import { channel } from 'node:diagnostics_channel'
import type { RawRequest } from '@truehop/identity'
import { bindRequest, definePolicy, identityOf, type Policy } from '@truehop/identity'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Recorder } from '../src/record/recorder.js'
import type { AddressSetting } from '../src/view/address-mask.js'

const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
const open: Recorder[] = []

afterEach(() => {
  for (const recorder of open.splice(0)) recorder.close()
  vi.useRealTimers()
})

function record(options: { address?: AddressSetting; keep?: number } = {}): Recorder {
  const recorder = new Recorder({ address: 'full', keep: 50, ...options })
  open.push(recorder)
  return recorder
}

/** Decides one request, as a framework edge does. */
function decide(headers: Record<string, string>, by: Policy = policy, url = '/') {
  const socket = { remoteAddress: '10.0.0.5', remotePort: 4711, localAddress: '10.0.0.1' }
  const request = { headers, socket, method: 'GET', url }
  bindRequest(request as object as RawRequest, by)
  return identityOf(request as object as RawRequest)
}

describe('the recorder', () => {
  test('keeps each decision with its walk', () => {
    const recorder = record()
    decide({ 'x-forwarded-for': '192.0.2.66, 198.51.100.7' }, policy, '/shop?token=secret')
    expect(recorder.decisions(policy, 0)).toMatchObject([
      {
        method: 'GET',
        path: '/shop',
        walk: {
          peer: '10.0.0.5',
          steps: [
            { node: '10.0.0.5', rule: 'hop-1', trustedBy: '10.0.0.0/8', entry: '198.51.100.7' },
          ],
          outcome: { status: 'resolved', client: '198.51.100.7', reason: 'first-untrusted' },
          ignored: [{ source: 'x-forwarded-for', text: '192.0.2.66', why: 'beyond-the-client' }],
        },
      },
    ])
  })

  test('keeps no header that names no address, and no query', () => {
    const recorder = record()
    const secrets = { cookie: 'session=secret', authorization: 'Bearer secret' }
    decide({ 'x-forwarded-for': 'unknown', ...secrets }, policy, '/reset?code=secret')
    const all = [recorder.decisions(policy, 0), recorder.anomalies(policy, 0)]
    expect(JSON.stringify(all)).toContain('unidentified-node')
    expect(JSON.stringify(all)).not.toContain('secret')
  })

  test('masks every address before it is kept', () => {
    const recorder = record({ address: 'truncated' })
    decide({ 'x-forwarded-for': '192.0.2.66, 198.51.100.7', 'x-real-ip': '203.0.113.9' })
    decide({ 'x-forwarded-for': 'for 198.51.100.77' }, policy, '/u/198.51.100.78')
    channel('truehop.proxy_protocol.refused').publish({
      refusal: { reason: 'timeout', peer: '198.51.100.79', message: 'from 198.51.100.79' },
    })
    const now = Date.now()
    const all = JSON.stringify([
      recorder.decisions(policy, 0),
      recorder.anomalies(policy, 0),
      recorder.clients(now),
    ])
    expect(all).toContain('198.51.100.0')
    expect(all).not.toMatch(/192\.0\.2\.66|198\.51\.100\.7|203\.0\.113\.9|10\.0\.0\.5"/)
  })

  test('masks a long list and a long path wherever they are cut', () => {
    const recorder = record({ address: 'truncated' })
    const list = Array(40).fill('198.51.100.77').join(', ')
    for (let pad = 0; pad < 15; pad++) {
      const claimed = `${list} ${'x'.repeat(pad)}`
      const path = `/${'p'.repeat(90 + pad)}/198.51.100.77`
      decide(
        { 'x-forwarded-for': `${list}, ${'x'.repeat(pad)}`, 'x-real-ip': claimed },
        policy,
        path,
      )
    }
    const all = JSON.stringify([recorder.decisions(policy, 0), recorder.anomalies(policy, 0)])
    expect(all).toContain('198.51.100.0')
    expect(all).not.toMatch(/\.77/)
  })

  test('shows addresses by what redacts the log, and no ports', () => {
    const redact = (text: string) => text.replace(/\d+\.\d+\.\d+\.\d+/g, 'hmac-0')
    const recorder = record({ address: { form: 'hmac', redact } })
    decide({ 'x-forwarded-for': '198.51.100.7:4711' })
    const [decision] = recorder.decisions(policy, 0)
    expect(decision?.walk).toMatchObject({
      peer: 'hmac-0',
      steps: [{ node: 'hmac-0', entry: 'hmac-0' }],
      outcome: { client: 'hmac-0' },
    })
    expect(JSON.stringify(decision)).not.toMatch(/4711|"\w*[pP]ort":\d/)
  })

  test('keeps the beginning of a message, and no more than 400 characters', () => {
    const recorder = record()
    const message = `198.51.100.7 sent nothing: ${'x'.repeat(1000)}`
    const refusal = { reason: 'timeout', peer: '198.51.100.7', message }
    channel('truehop.proxy_protocol.refused').publish({ refusal })
    const [anomaly] = recorder.anomalies(policy, 0)
    expect(anomaly?.detail).toMatch(/^198\.51\.100\.7 sent nothing: x+…$/)
    expect(anomaly?.detail).toHaveLength(400)
  })

  test('is bounded under a flood, counts all of it, and keeps what is odd', () => {
    // The budget of ordinary decisions is for each second, and the flood shall be in one.
    vi.useFakeTimers({ toFake: ['Date'] })
    const recorder = record({ keep: 100 })
    for (let i = 0; i < 1000; i++) decide({ 'x-forwarded-for': `198.51.${i >> 8}.${i & 255}` })
    decide({ 'x-forwarded-for': 'unknown' })
    const kept = recorder.decisions(policy, 0)
    expect(kept.length).toBeLessThanOrEqual(100)
    expect(kept.length + recorder.passedOver(policy)).toBeGreaterThanOrEqual(1001)
    expect(kept.at(-1)?.walk.outcome.status).toBe('undetermined')
    const counted = recorder
      .activity(Date.now(), 0)
      .reduce((sum, { resolved }) => sum + resolved, 0)
    expect(counted).toBe(1000)
  })

  test('shows each application only its own decisions', () => {
    const recorder = record()
    const other = definePolicy({ hops: [] })
    decide({ 'x-forwarded-for': '198.51.100.7' })
    decide({}, other)
    expect(recorder.decisions(policy, 0)).toHaveLength(1)
    expect(recorder.decisions(other, 0)).toMatchObject([
      { walk: { outcome: { client: '10.0.0.5' } } },
    ])
  })

  test('loses nothing of one application to a flood of another, and counts each flood where it is', () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const recorder = record({ keep: 20 })
    const other = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    decide({ 'x-forwarded-for': 'unknown' })
    for (let i = 0; i < 300; i++) decide({ 'x-forwarded-for': 'unknown' }, other)
    for (let i = 0; i < 300; i++) decide({ 'x-forwarded-for': `192.0.2.${i % 250}` }, other)
    decide({ 'x-forwarded-for': '198.51.100.7' })
    const shown = recorder.decisions(policy, 0).map(({ walk }) => walk.outcome.status)
    expect(shown).toEqual(['undetermined', 'resolved'])
    expect(recorder.anomalies(policy, 0)).toMatchObject([{ kind: 'undetermined' }])
    expect(recorder.passedOver(policy)).toBe(0)
    expect(recorder.passedOver(other)).toBe(600 - 20 - 50)
    expect(recorder.passedOverInAll).toBe(530)
  })

  test('leaves out whoever looks at the page, odd or not', () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const recorder = record()
    const identity = decide({ 'x-forwarded-for': '198.51.100.7', 'x-real-ip': '8.8.8.8' })
    decide({ 'x-forwarded-for': '198.51.100.9' })
    recorder.hide(policy, identity)
    expect(recorder.decisions(policy, 0)).toMatchObject([
      { walk: { outcome: { client: '198.51.100.9' } } },
    ])
    expect(recorder.anomalies(policy, 0)).toEqual([])
    const counted = recorder.activity(Date.now(), 0)
    expect(counted.reduce((sum, { resolved }) => sum + resolved, 0)).toBe(1)
    expect(counted.reduce((sum, { anomalies }) => sum + anomalies.conflict, 0)).toBe(0)
    const clients = recorder.clients(Date.now())
    expect(clients.map(({ client }) => client)).toEqual(['198.51.100.9'])
  })

  test('loses no decision to people looking at the page', () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const recorder = record({ keep: 100 })
    for (let i = 0; i < 100; i++) {
      decide({ 'x-forwarded-for': `192.0.2.${i}` })
      vi.advanceTimersByTime(100)
    }
    for (let i = 0; i < 50; i++) {
      recorder.hide(policy, decide({ 'x-forwarded-for': '198.51.100.7', 'x-real-ip': '8.8.8.8' }))
      vi.advanceTimersByTime(100)
    }
    const clients = recorder.decisions(policy, 0).map(({ walk }) => walk.outcome.client)
    expect(clients).toEqual(Array.from({ length: 100 }, (_, i) => `192.0.2.${i}`))
    expect(recorder.anomalies(policy, 0)).toEqual([])
  })

  test('names anomalies: undetermined, untrusted claims, conflicts, refused connections', () => {
    const recorder = record()
    const strict = definePolicy({ trust: ['192.0.2.0/24'], header: 'x-forwarded-for' })
    decide({ 'x-forwarded-for': 'unknown' })
    decide({ 'x-forwarded-for': '198.51.100.7' }, strict)
    decide({ 'x-forwarded-for': '198.51.100.7', 'x-real-ip': '8.8.8.8' })
    channel('truehop.proxy_protocol.refused').publish({
      refusal: { reason: 'missing', peer: '192.0.2.5', message: 'no header' },
    })
    const seen = [...recorder.anomalies(policy, 0), ...recorder.anomalies(strict, 0)]
    expect(seen.map(({ kind, what, detail }) => [kind, what, detail])).toEqual(
      expect.arrayContaining([
        ['undetermined', 'unidentified-node', 'hop-1'],
        ['untrusted-claim', 'x-forwarded-for', undefined],
        ['conflict', 'x-real-ip', '8.8.8.8'],
        ['refused', 'missing', 'no header'],
      ]),
    )
  })

  test('masks each client once, however many pages are updated at a time', () => {
    let masked = 0
    const redact = (text: string) => {
      masked++
      return text
    }
    const recorder = record({ address: { form: 'hmac', redact } })
    for (let i = 0; i < 100; i++) decide({ 'x-forwarded-for': `198.51.100.${i}` })
    masked = 0
    const now = Date.now()
    const told = Array.from({ length: 10 }, () => recorder.clients(now))
    expect(masked).toBe(100)
    decide({ 'x-forwarded-for': '198.51.100.200' })
    decide({ 'x-forwarded-for': '198.51.100.200' })
    expect(told[9]?.at(0)?.client).not.toBe('198.51.100.200')
    expect(recorder.clients(now).at(0)?.client).toBe('198.51.100.200')
  })

  test('loses no refused connection to a flood of evidence that contradicts', () => {
    const recorder = record({ keep: 10 })
    channel('truehop.proxy_protocol.refused').publish({
      refusal: { reason: 'untrusted-peer', peer: '203.0.113.9', message: 'sent a header' },
    })
    vi.useFakeTimers()
    const start = Date.now()
    for (let second = 1; second <= 20; second++) {
      vi.setSystemTime(start + second * 1000)
      for (let i = 0; i < 30; i++) {
        decide({ 'x-forwarded-for': '198.51.100.7', 'cf-connecting-ip': `192.0.2.${i}` })
      }
      decide({ 'x-forwarded-for': 'unknown' })
    }
    const kinds = recorder.anomalies(policy, 0).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'undetermined')).toHaveLength(10)
    expect(kinds.filter((kind) => kind === 'conflict')).toHaveLength(10)
  })

  test('hears of limits by the name of their channel', () => {
    const recorder = record()
    channel('truehop.rate_limit.decision').publish({
      request: {},
      decision: {
        allowed: false,
        client: '198.51.100.7',
        standings: [{ quota: { name: 'login', limit: 5 }, remaining: 0, msLeft: 9000 }],
      },
    })
    expect(recorder.clients(Date.now())).toMatchObject([
      { client: '198.51.100.7', refused: 1, limit: { name: 'login', limit: 5, remaining: 0 } },
    ])
  })

  test('listens to nothing once it is closed, and to nothing before it is there', () => {
    const names = ['truehop.identity.resolved', 'truehop.rate_limit.decision']
    const heard = () => names.map((name) => channel(name).hasSubscribers)
    expect(heard()).toEqual([false, false])
    const recorder = record()
    expect(heard()).toEqual([true, true])
    recorder.close()
    expect(heard()).toEqual([false, false])
  })
})
