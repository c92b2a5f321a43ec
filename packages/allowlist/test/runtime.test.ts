import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type Prefix, PrefixSet, parseAddress, parsePrefix } from '@truehop/ip'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { DECISION_CHANNEL, REPLACED_CHANNEL } from '../src/channels.js'
import { defineAllowlist } from '../src/index.js'
import type { LiveSource } from '../src/live-source.js'
import { TemporaryEntries } from '../src/temporary-entries.js'
import { clientAt } from './identities.js'

afterEach(() => void vi.useRealTimers())

describe('entries added at run time', async () => {
  test('deny from the next decision on, until they are removed', () => {
    const list = defineAllowlist({ deny: [] })
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(true)
    expect(list.add('deny', '203.0.113.9', { note: 'scan' })).toBe(true)
    expect(list.decide(clientAt('203.0.113.9'))).toMatchObject({
      allowed: false,
      entry: '203.0.113.9',
      source: 'runtime',
    })
    expect(list.runtimeEntries('deny')).toEqual([
      { entry: '203.0.113.9', expires: undefined, note: 'scan' },
    ])
    expect(list.remove('deny', '203.0.113.9')).toBe(true)
    expect(list.remove('deny', '203.0.113.9')).toBe(false)
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(true)
  })

  test('expire after their time to live', () => {
    vi.useFakeTimers({ now: 1_000_000 })
    const list = defineAllowlist({ deny: [] })
    list.add('deny', '203.0.113.0/24', { ttl: 60 })
    vi.advanceTimersByTime(59_999)
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(true)
    expect(list.runtimeEntries('deny')).toEqual([])
  })

  test.each([
    ['back', -86_400_000],
    ['forward', 86_400_000],
  ])('last as long as they were meant to when the clock is set %s by a day', (_name, by) => {
    vi.useFakeTimers({ now: 1_000_000_000 })
    const list = defineAllowlist({ deny: [] })
    list.add('deny', '203.0.113.9', { ttl: 60 })
    vi.setSystemTime(1_000_000_000 + by)
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(false)
    expect(list.runtimeEntries('deny')).toMatchObject([{ expires: 1_000_060_000 + by }])
    vi.advanceTimersByTime(60_000)
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(true)
    expect(list.runtimeEntries('deny')).toEqual([])
  })

  test('adding again changes the expiry', () => {
    vi.useFakeTimers({ now: 0 })
    const list = defineAllowlist({ deny: [] })
    list.add('deny', '203.0.113.9', { ttl: 60 })
    list.add('deny', '203.0.113.9', { ttl: 600 })
    vi.advanceTimersByTime(100_000)
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(false)
    expect(list.size('deny')).toBe(1)
  })

  test('an expired narrow entry uncovers a wider one', () => {
    vi.useFakeTimers({ now: 0 })
    const list = defineAllowlist({ deny: [] })
    list.add('deny', '203.0.113.0/24')
    list.add('deny', '203.0.113.9', { ttl: 60 })
    expect(list.decide(clientAt('203.0.113.9'))).toMatchObject({ entry: '203.0.113.9' })
    vi.advanceTimersByTime(61_000)
    expect(list.decide(clientAt('203.0.113.9'))).toMatchObject({ entry: '203.0.113.0/24' })
  })

  test('are bounded: a full list refuses more and keeps what it has', () => {
    const list = defineAllowlist({ deny: [], maxRuntimeEntries: 2 })
    expect(list.add('deny', '203.0.113.1')).toBe(true)
    expect(list.add('deny', '203.0.113.2')).toBe(true)
    expect(list.add('deny', '203.0.113.3')).toBe(false)
    expect(list.add('deny', '203.0.113.2', { ttl: 60 })).toBe(true)
    expect(list.decide(clientAt('203.0.113.1')).allowed).toBe(false)
    expect(list.decide(clientAt('203.0.113.3')).allowed).toBe(true)
  })

  test('a full list makes room for what has expired', () => {
    vi.useFakeTimers({ now: 0 })
    const list = defineAllowlist({ deny: [], maxRuntimeEntries: 2 })
    list.add('deny', '203.0.113.1', { ttl: 1 })
    list.add('deny', '203.0.113.2', { ttl: 1 })
    vi.advanceTimersByTime(2_000)
    expect(list.add('deny', '203.0.113.3')).toBe(true)
    expect(list.size('deny')).toBe(1)
  })

  test('a full list is looked through for expired entries once a second at most, and not in vain', () => {
    const entries = new TemporaryEntries(100)
    const sweep = vi.spyOn(entries, 'sweep')
    for (let i = 0; i < 100; i++) entries.add(`10.0.0.${i}`, 60_000 + i, undefined, 0)
    for (let i = 0; i < 500; i++) expect(entries.add('192.0.2.1', 90_000, undefined, i)).toBe(false)
    expect(sweep).not.toHaveBeenCalled()
    // From now on one expires each millisecond, and somebody wants a place each millisecond.
    const taken = Array.from({ length: 1001 }, (_, i) =>
      entries.add(`192.0.${i >> 8}.${i & 255}`, 90_000, undefined, 60_000 + i),
    )
    expect(sweep.mock.calls).toEqual([[60_000], [61_000]])
    expect([taken[0], taken[1], taken[999], taken[1000]]).toEqual([true, false, false, true])
    expect(entries.size).toBe(2)
  })

  test('refuse text that is not a prefix, and times that are not times', () => {
    const list = defineAllowlist({ deny: [] })
    const bad = expect.objectContaining({ name: 'AllowlistError', code: 'bad-entry' })
    expect(() => list.add('deny', 'unknown')).toThrow(bad)
    expect(() => list.remove('deny', '203.0.113.9/33')).toThrow(bad)
    for (const ttl of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 4e8]) {
      expect(() => list.add('deny', '203.0.113.9', { ttl })).toThrow(
        expect.objectContaining({ code: 'bad-option', path: 'ttl' }),
      )
    }
  })

  test('refuse an option that does not exist: a misspelt ttl would be an entry for ever', () => {
    const list = defineAllowlist({ deny: [] })
    const options: object = { tll: 600 }
    expect(() => list.add('deny', '203.0.113.9', options)).toThrow(
      expect.objectContaining({
        code: 'unknown-option',
        path: 'tll',
        message: expect.stringContaining('write ttl'),
      }),
    )
    expect(list.runtimeEntries('deny')).toEqual([])
  })

  test('never start an allow list that was not defined: everybody else would be denied', () => {
    const list = defineAllowlist({ deny: [] })
    expect(() => list.add('allow', '203.0.113.9')).toThrow(
      expect.objectContaining({ code: 'bad-list', path: 'allow' }),
    )
    expect(list.decide(clientAt('198.51.100.7')).allowed).toBe(true)
  })

  test('take an address as a value', () => {
    const list = defineAllowlist({ deny: [] })
    const address = parseAddress('2001:db8::7')
    if (address === undefined) throw new Error('no address')
    list.add('deny', address)
    expect(list.decide(clientAt('2001:db8::7')).allowed).toBe(false)
  })

  test('equal a linear search for the longest prefix', () => {
    const word = fc.nat(0xffffffff)
    const v4 = fc
      .tuple(fc.constantFrom(0x0a000000, 0xcb007100), fc.nat(0x3ff))
      .map(
        ([base, low]) =>
          `${base >>> 24}.${(base >>> 16) & 255}.${((base >>> 8) & 255) + (low >>> 8)}.${low & 255}`,
      )
    const v6 = fc
      .tuple(fc.constantFrom('2001:db8', '2001:db9'), fc.nat(3), word)
      .map(
        ([net, subnet, host]) =>
          `${net}:${subnet}::${(host >>> 16).toString(16)}:${(host & 0xffff).toString(16)}`,
      )
    const prefix = fc.oneof(
      fc.tuple(v4, fc.constantFrom(0, 7, 8, 22, 24, 25, 31, 32)).map(([a, n]) => `${a}/${n}`),
      fc
        .tuple(v6, fc.constantFrom(0, 31, 32, 33, 48, 64, 96, 100, 128))
        .map(([a, n]) => `${a}/${n}`),
    )
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 20 }), fc.oneof(v4, v6), (prefixes, text) => {
        const entries = new TemporaryEntries(100)
        for (const each of prefixes) entries.add(each, undefined, undefined, 0)
        const address = parseAddress(text)
        if (address === undefined) throw new Error(`no address: ${text}`)
        const longest = prefixes
          .map((each) => parsePrefix(each))
          .filter((each) => each.contains(address))
          .reduce<Prefix | undefined>(
            (a, b) => (a !== undefined && a.length > b.length ? a : b),
            undefined,
          )
        const found = entries.match(address, 0)
        expect(found === undefined ? undefined : parsePrefix(found.entry).text).toBe(longest?.text)
      }),
      { numRuns: 500 },
    )
  })
})

describe('replacing lists', () => {
  test('of several replacements the one asked for last is in force, however long the first is', async () => {
    const many = Array.from({ length: 30_000 }, (_, i) => `10.${i >>> 8}.${i & 255}.0/24`)
    const list = defineAllowlist({ deny: [] })
    await Promise.all([list.replace({ deny: many }), list.replace({ deny: ['192.0.2.1'] })])
    expect(list.size('deny')).toBe(1)
  })

  test('requests are answered while a long list is read, by the lists as they were', async () => {
    const many = Array.from(
      { length: 200_000 },
      (_, i) => `10.${(i >>> 8) & 255}.${i & 255}.${(i >>> 16) * 16}/28`,
    )
    const list = defineAllowlist({ deny: ['192.0.2.1'] })
    let turns = 0
    let done = false
    const replaced = list.replace({ deny: many }).then(() => {
      done = true
    })
    while (!done) {
      await new Promise((turn) => setImmediate(turn))
      if (!done && list.size('deny') === 1) turns++
    }
    await replaced
    expect(list.size('deny')).toBe(200_000)
    expect(turns).toBeGreaterThan(5)
  })

  test('takes effect for the next decision; a list not named stays', async () => {
    const list = defineAllowlist({ allow: ['203.0.113.0/24'], deny: ['203.0.113.66'] })
    await list.replace({ allow: ['198.51.100.0/24', '203.0.113.66'] })
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(false)
    expect(list.decide(clientAt('198.51.100.9')).allowed).toBe(true)
    expect(list.decide(clientAt('203.0.113.66'))).toMatchObject({ list: 'deny' })
  })

  test('a bad list changes nothing, not even the good one beside it', async () => {
    const list = defineAllowlist({ allow: ['203.0.113.0/24'], deny: ['203.0.113.66'] })
    await expect(list.replace({ allow: ['198.51.100.0/24'], deny: ['nonsense'] })).rejects.toThrow(
      expect.objectContaining({ code: 'bad-entry', path: 'deny[0]' }),
    )
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(true)
    expect(list.decide(clientAt('198.51.100.9')).allowed).toBe(false)
    expect(list.decide(clientAt('203.0.113.66')).allowed).toBe(false)
  })

  test('refuse a list by an unknown name', async () => {
    const list = defineAllowlist({ deny: ['198.51.100.0/24'] })
    const misspelt = { deny: [], denny: ['203.0.113.0/24'] }
    await expect(list.replace(misspelt)).rejects.toThrow(
      expect.objectContaining({ code: 'unknown-option' }),
    )
    expect(list.size('deny')).toBe(1)
  })

  test('keeps what was added at run time', async () => {
    const list = defineAllowlist({ deny: ['198.51.100.0/24'] })
    list.add('deny', '203.0.113.9')
    await list.replace({ deny: [] })
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(false)
    expect(list.decide(clientAt('198.51.100.9')).allowed).toBe(true)
  })
})

describe('live sources', () => {
  function feed(name: string, ...prefixes: string[]) {
    let set = PrefixSet.from(prefixes)
    const source: LiveSource = {
      name,
      has: (address) => set.has(address),
      match: (address) => set.match(address),
      status: () => ({ size: set.size }),
    }
    const update = (...next: string[]) => {
      set = PrefixSet.from(next)
    }
    return { source, update }
  }

  test('replace a list, or are mixed with entries in one, and are named in the decision', () => {
    const drop = feed('drop', '198.51.100.0/24')
    const list = defineAllowlist({ deny: ['203.0.113.0/24', drop.source] })
    expect(list.decide(clientAt('198.51.100.9'))).toMatchObject({
      allowed: false,
      entry: '198.51.100.0/24',
      source: 'drop',
    })
    expect(list.decide(clientAt('203.0.113.9'))).toMatchObject({ source: 'static' })
    expect(list.size('deny')).toBe(2)
    expect(defineAllowlist({ deny: drop.source }).decide(clientAt('198.51.100.9'))).toMatchObject({
      allowed: false,
      source: 'drop',
    })
  })

  test('are asked for each decision', () => {
    const drop = feed('drop', '198.51.100.0/24')
    const list = defineAllowlist({ deny: [drop.source] })
    drop.update('203.0.113.0/24')
    expect(list.decide(clientAt('198.51.100.9')).allowed).toBe(true)
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(false)
  })

  test('that know no entries are named as a whole', () => {
    const { has } = feed('x', '198.51.100.0/24').source
    const list = defineAllowlist({ deny: [{ name: 'office', has }] })
    expect(list.decide(clientAt('198.51.100.9'))).toMatchObject({
      entry: 'office',
      source: 'office',
    })
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(true)
  })

  test('that are none are an error', () => {
    const nameless = { has: () => true } as unknown as LiveSource
    expect(() => defineAllowlist({ deny: ['203.0.113.9', nameless] })).toThrow(
      expect.objectContaining({ code: 'bad-source', path: 'deny[1]' }),
    )
  })
})

describe('diagnostics channels', () => {
  function listenTo(channel: string) {
    const heard: unknown[] = []
    const listener = (message: unknown) => void heard.push(message)
    subscribe(channel, listener)
    return { heard, stop: () => unsubscribe(channel, listener) }
  }

  test('carry every decision with the request', () => {
    const { heard, stop } = listenTo('truehop.allowlist.decision')
    const request = {}
    const decision = defineAllowlist({ deny: [] }).check(clientAt('203.0.113.9'), request, request)
    stop()
    expect(DECISION_CHANNEL).toBe('truehop.allowlist.decision')
    expect(heard).toEqual([{ decision, request }])
  })

  test('report when lists were replaced, and how long they are', async () => {
    const { heard, stop } = listenTo(REPLACED_CHANNEL)
    await defineAllowlist({ name: 'admin', allow: [] }).replace({
      allow: ['10.0.0.0/8', '10.1.0.0/16'],
    })
    stop()
    expect(heard).toEqual([{ name: 'admin', allow: 2, deny: 0 }])
  })
})
