import { definePolicy } from '@truehop/identity'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Recorder } from '../src/record/recorder.js'
import { Viewers } from '../src/serve/viewers.js'
import type { AnomalyView, DecisionView, Update } from '../src/view/view.js'

const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })

/** A recorder that says what it is told to. */
class Scripted extends Recorder {
  news: AnomalyView[] = []
  decided: DecisionView[] = []

  override anomalies(_policy: unknown, after: number): AnomalyView[] {
    return this.news.filter(({ id }) => id > after)
  }

  override decisions(_policy: unknown, after: number): DecisionView[] {
    return this.decided.filter(({ changed }) => changed > after)
  }

  say(what: string): void {
    this.changes++
    this.news.push({ id: this.changes, at: Date.now(), kind: 'conflict', what })
  }
}

let recorder: Scripted
let viewers: Viewers

beforeEach(() => {
  vi.useFakeTimers()
  recorder = new Scripted({ address: 'full', keep: 10 })
  viewers = new Viewers(recorder, { address: 'full', keep: 10, maxViewers: 2 })
})

afterEach(() => {
  viewers.close()
  recorder.close()
  vi.useRealTimers()
})

/** What a stream has said since it was last asked. */
function said(stream: { read(): unknown } | undefined): string {
  return String(stream?.read() ?? '')
}

function updates(text: string): Update[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json))
}

describe('the open pages', () => {
  test('get everything first, then what is new, then no more than a beat', async () => {
    recorder.say('before')
    const stream = viewers.open(policy)
    const [first] = updates(said(stream))
    expect(first).toMatchObject({
      policy: { version: 1 },
      anomalies: [{ what: 'before' }],
      keep: 10,
    })
    recorder.say('after')
    await vi.advanceTimersByTimeAsync(600)
    const [next, ...more] = updates(said(stream))
    expect(next?.anomalies.map(({ what }) => what)).toEqual(['after'])
    expect(next).not.toHaveProperty('policy')
    expect(more).toEqual([])
    await vi.advanceTimersByTimeAsync(2500)
    expect(said(stream)).toMatch(/^event: beat\ndata: \d+\n\n$/)
  })

  test('hear of another policy at once', async () => {
    const own = definePolicy({ hops: [] })
    const stream = viewers.open(own)
    said(stream)
    own.replace({ trust: ['10.0.0.0/8'], header: 'forwarded' })
    await vi.advanceTimersByTimeAsync(600)
    expect(updates(said(stream))).toMatchObject([{ policy: { version: 2 } }])
  })

  test('hear a heartbeat when there is nothing to tell', async () => {
    const stream = viewers.open(policy)
    said(stream)
    // The page calls itself live for five seconds after each, so two may come late.
    for (let beats = 0; beats < 8; beats++) {
      await vi.advanceTimersByTimeAsync(2500)
      expect(said(stream)).toMatch(/^event: beat\ndata: \d+\n\n$/)
    }
  })

  test('hear a heartbeat, and are let go, in time when the clock is set back by a day', async () => {
    const stream = viewers.open(policy)
    const slow = viewers.open(policy)
    said(stream)
    vi.setSystemTime(Date.now() - 86_400_000)
    await vi.advanceTimersByTimeAsync(16_000)
    expect(said(stream)).toMatch(/^event: beat\n/)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(slow?.destroyed).toBe(true)
  })

  test('get no more while they do not read, and all of it in one update when they do', async () => {
    const slow = viewers.open(policy)
    const waiting = slow?.readableLength
    for (let i = 0; i < 40; i++) {
      recorder.say(`${i}`)
      await vi.advanceTimersByTimeAsync(600)
    }
    expect(slow?.readableLength).toBe(waiting)
    expect(updates(said(slow))).toMatchObject([{ anomalies: [] }])
    await vi.advanceTimersByTimeAsync(600)
    const [update, ...more] = updates(said(slow))
    expect(update?.anomalies.map(({ what }) => what)).toEqual([...Array(40).keys()].map(String))
    expect(more).toEqual([])
  })

  test('are let go when they have not read for half a minute', async () => {
    const slow = viewers.open(policy)
    const reader = viewers.open(policy)
    reader?.on('data', () => {})
    await vi.advanceTimersByTimeAsync(29_000)
    expect(slow?.destroyed).toBe(false)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(slow?.destroyed).toBe(true)
    expect(reader?.destroyed).toBe(false)
    expect(viewers.size).toBe(1)
  })

  test('get in one piece no more than 1.5 MiB of decisions, the newest', () => {
    const outcome = { status: 'resolved', reason: 'first-untrusted', source: 'x-real-ip' } as const
    const walk = { steps: [], omitted: 0, outcome, ignored: [], conflicts: [] }
    recorder.decided = Array.from({ length: 2000 }, (_, index) => {
      const id = index + 1
      return { id, changed: id, at: 0, method: 'GET', path: '"'.repeat(5000), walk, verdicts: [] }
    })
    const told = said(viewers.open(policy))
    expect(told.length).toBeLessThan(1_600_000)
    const ids = updates(told).flatMap(({ decisions }) => decisions.map(({ id }) => id))
    expect(ids.length).toBeGreaterThan(100)
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => 2001 - ids.length + i))
  })

  test('are limited in number, and no timer runs without one', async () => {
    const first = viewers.open(policy)
    viewers.open(policy)?.resume()
    expect(viewers.open(policy)).toBeUndefined()
    expect(vi.getTimerCount()).toBe(1)
    first?.destroy()
    await vi.advanceTimersByTimeAsync(0)
    expect(viewers.open(policy)).toBeDefined()
    viewers.close()
    expect(vi.getTimerCount()).toBe(0)
    expect(viewers.open(policy)).toBeUndefined()
  })
})
