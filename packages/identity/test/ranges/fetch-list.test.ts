import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { FetchError, fetchList } from '../../src/ranges/fetch-list.js'
import { RangesFormatError } from '../../src/ranges/formats.js'
import { MAX_LIST_BYTES, PIECE, textOf } from '../../src/ranges/list-bytes.js'

afterEach(() => vi.unstubAllGlobals())

const url = new URL('https://ranges.example/list')
const never = new AbortController().signal

/** What the source answers, in these pieces. */
function answerWith(chunks: Iterable<Uint8Array>, init: ResponseInit = {}) {
  const asked = vi.fn((_: URL, _options: RequestInit) => {
    const pieces = chunks[Symbol.iterator]()
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const { value, done } = pieces.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
    })
    return Promise.resolve(new Response(init.status === 304 ? null : body, init))
  })
  vi.stubGlobal('fetch', asked)
  return asked
}

const utf8 = (text: string) => new TextEncoder().encode(text)
const list = (etag?: string) => fetchList(url, etag, never)
const text = async () => [...textOf((await list())?.bytes ?? [])].join('')

describe('a list that is fetched', () => {
  test('is text, whatever pieces it comes in', async () => {
    answerWith([...utf8('# größer\n10.0.0.0/8\n')].map((byte) => Uint8Array.of(byte)))
    expect(await text()).toBe('# größer\n10.0.0.0/8\n')
  })

  test('ends with a whole character, or it was cut off', async () => {
    answerWith([utf8('10.0.0.0/8 # grö').subarray(0, -1)])
    await expect(text()).rejects.toThrow(new RangesFormatError('is not valid UTF-8'))
  })

  test('has the ETag that the source gives, and the next question names it', async () => {
    const asked = answerWith([utf8('x')], { headers: { etag: '"v7"' } })
    expect(await list()).toMatchObject({ etag: '"v7"' })
    expect(asked.mock.lastCall?.[1].headers).toStrictEqual({})
    await list('"v7"')
    expect(asked.mock.lastCall?.[1].headers).toEqual({ 'if-none-match': '"v7"' })
  })

  test('is unchanged by a 304 to a caller that asked for that, and to no other', async () => {
    answerWith([], { status: 304 })
    expect(await list('"v7"')).toBeUndefined()
    await expect(list()).rejects.toThrow(new FetchError('answered 304'))
  })

  test.each([201, 204, 206, 301, 404, 500])('is not the body of a %i', async (status) => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status })))
    await expect(list('"v7"')).rejects.toThrow(new FetchError(`answered ${status}`))
  })

  test('is empty where the answer has no body', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(null)))
    expect(await list()).toEqual({ bytes: [], etag: undefined })
  })

  test('is held in pieces of 64 KiB, whatever pieces it comes in', async () => {
    const bytes = Uint8Array.from({ length: 3 * PIECE + 7 }, (_, at) => at % 251)
    for (const size of [1, 1000, PIECE - 1, PIECE, PIECE + 1, bytes.length]) {
      const count = Math.ceil(bytes.length / size)
      answerWith(Array.from({ length: count }, (_, at) => bytes.slice(at * size, (at + 1) * size)))
      const held = (await list())?.bytes ?? []
      expect(held.map(({ length }) => length)).toEqual([PIECE, PIECE, PIECE, 7])
      expect(Buffer.concat(held).equals(bytes)).toBe(true)
    }
  })

  test('lets the event loop turn between chunks, however small they are', async () => {
    let turns = 0
    let isOver = false
    const turn = () => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    answerWith(Array.from({ length: 6400 }, () => utf8('1')))
    await list()
    isOver = true
    expect(turns).toBeGreaterThanOrEqual(100)
  })

  test('is never looked for where the URL does not lead itself', async () => {
    const asked = answerWith([])
    await list()
    expect(asked.mock.lastCall?.[1].redirect).toBe('manual')
  })

  test('is read up to 64 MiB and refused beyond, before the rest is asked for', async () => {
    let given = 0
    const piece = new Uint8Array(1024 * 1024).fill(0x20)
    function* pieces(count: number) {
      for (given = 0; given < count; given++) yield piece
    }
    answerWith(pieces(64))
    expect((await list())?.bytes.length).toBe(MAX_LIST_BYTES / PIECE)
    answerWith(pieces(1000))
    await expect(list()).rejects.toThrow(new FetchError('is larger than 67108864 bytes'))
    expect(given).toBeLessThan(70)
  })

  test('is not waited for once nobody wants it', () => {
    const asked = vi.fn((_: URL, _options: RequestInit) => new Promise<Response>(() => {}))
    vi.stubGlobal('fetch', asked)
    const wanted = new AbortController()
    void fetchList(url, undefined, wanted.signal)
    const signal = asked.mock.lastCall?.[1].signal
    expect(signal?.aborted).toBe(false)
    wanted.abort(new Error('closed'))
    expect(signal?.reason).toEqual(new Error('closed'))
  })

  test('is waited for 15 seconds, whether no answer comes or one trickles', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      let signal: AbortSignal | null | undefined
      vi.stubGlobal('fetch', (_: URL, options: RequestInit) => {
        signal = options.signal
        return Promise.resolve(
          new Response(new ReadableStream({ pull: () => new Promise(() => {}) })),
        )
      })
      void list()
      await vi.advanceTimersByTimeAsync(14_999)
      expect(signal?.aborted).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect(signal?.reason).toMatchObject({ name: 'TimeoutError' })
    } finally {
      vi.useRealTimers()
    }
  })

  test('leaves nothing behind on the signal of a service that runs for years', async () => {
    const any = vi.spyOn(AbortSignal, 'any')
    const service = new AbortController()
    for (let i = 0; i < 20; i++) {
      answerWith([])
      await fetchList(url, undefined, service.signal)
      vi.stubGlobal('fetch', () => Promise.reject(new Error('away')))
      await expect(fetchList(url, undefined, service.signal)).rejects.toThrow('away')
    }
    expect(getEventListeners(service.signal, 'abort')).toEqual([])
    // It remembers each signal that was made of another, on Node 20 for ever.
    expect(any).not.toHaveBeenCalled()
    any.mockRestore()
  })
})
