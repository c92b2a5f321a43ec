import { definePolicy } from '@truehop/identity'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Recorder } from '../src/recorder.js'
import type { AnomalyView, Update } from '../src/view.js'
import { Viewers } from '../src/viewers.js'

const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })

/** A recorder that says what it is told to. */
class Scripted extends Recorder {
  news: AnomalyView[] = []

  override anomalies(_policy: unknown, after: number): AnomalyView[] {
    return this.news.filter(({ id }) => id > after)
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
  test('are told everything first, then what is new, then nothing', async () => {
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
    await vi.advanceTimersByTimeAsync(2000)
    expect(said(stream)).toBe('')
  })

  test('are told of another policy at once', async () => {
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
    await vi.advanceTimersByTimeAsync(16_000)
    expect(said(stream)).toMatch(/^: .*\n\n$/)
  })

  test('are let go when they do not read', async () => {
    const slow = viewers.open(policy)
    const reader = viewers.open(policy)
    reader?.on('data', () => {})
    for (let i = 0; i < 40; i++) {
      recorder.say('x'.repeat(50_000))
      await vi.advanceTimersByTimeAsync(600)
    }
    expect(slow?.destroyed).toBe(true)
    expect(reader?.destroyed).toBe(false)
    expect(viewers.size).toBe(1)
  })

  test('are so many at most, and no timer runs for nobody', async () => {
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
