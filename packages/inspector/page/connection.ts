import { useEffect, useState } from 'preact/hooks'
import type { Snapshot, Update } from '../src/view/view.js'
import { begun, EMPTY, type Feed, merged } from './feed.js'

/**
 * `live`: something was heard in the last five seconds. `quiet`: the connection is there, and says
 * nothing. `full`: too many pages are open. `denied`: the server does not let this page in any more.
 */
export type Connection = 'connecting' | 'live' | 'quiet' | 'lost' | 'full' | 'denied'

export interface Live {
  readonly connection: Connection
  readonly feed: Feed
  /** When something was last heard, on our own clock; 0 for never. */
  readonly heardAt: number
}

/** Milliseconds for which one beat is enough; the server sends one every two seconds. */
const ALIVE_MS = 5000
/** Milliseconds before the next attempt where the server refused the stream. */
const RETRY_MS = 5000
/** The same where another ticket may let it in. */
const AGAIN_MS = 1000

/**
 * The stream of the server, for as long as the component lives and the page can be seen: a browser
 * opens six connections to a server, and six forgotten tabs would leave none for the next.
 */
export function useConnection(folder: string): Live {
  const [live, setLive] = useState<Live>({ connection: 'connecting', feed: EMPTY, heardAt: 0 })
  useEffect(() => {
    const stream = new Stream(folder, (change) =>
      setLive((known) => ({ ...known, ...change(known) })),
    )
    const follow = (): void => {
      stream.close()
      if (document.visibilityState === 'visible') void stream.open()
    }
    follow()
    document.addEventListener('visibilitychange', follow)
    return () => {
      document.removeEventListener('visibilitychange', follow)
      stream.close()
    }
  }, [folder])
  return live
}

type Change = (known: Live) => Partial<Live>

class Stream {
  readonly #folder: string
  readonly #tell: (change: Change) => void
  #source: EventSource | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #watch: ReturnType<typeof setInterval> | undefined
  #isFirst = true
  /** What the stream was opened with. */
  #ticket = ''
  /** Grows with each opening and closing: what was begun before is not gone on with. */
  #turn = 0

  constructor(folder: string, tell: (change: Change) => void) {
    this.#folder = folder
    this.#tell = tell
  }

  /** Over plain HTTP, browsers do not say where the stream is asked from: the ticket does. */
  async open(): Promise<void> {
    const turn = ++this.#turn
    const ticket = await ticketFrom(this.#folder)
    if (turn === this.#turn) this.#listen(ticket)
  }

  #listen(ticket: string): void {
    const source = new EventSource(`${this.#folder}events?${new URLSearchParams({ ticket })}`)
    this.#source = source
    this.#ticket = ticket
    source.onopen = () => {
      this.#isFirst = true
    }
    source.onmessage = ({ data }) => this.#hear(JSON.parse(data))
    source.addEventListener('beat', () => this.#tell(() => heard()))
    source.onerror = () => {
      this.#tell(({ connection }) => (isRefused(connection) ? {} : { connection: 'lost' }))
      // A refused stream is not tried again by itself, and does not say why it was refused.
      if (source.readyState === EventSource.CLOSED) void this.#askWhy(source)
    }
    this.#watch = setInterval(() => this.#tell(fallenQuiet), 1000)
  }

  close(): void {
    this.#turn++
    clearTimeout(this.#retry)
    clearInterval(this.#watch)
    this.#source?.close()
    this.#source = undefined
  }

  #hear(update: Update): void {
    const read = this.#isFirst ? begun : merged
    this.#isFirst = false
    this.#tell(({ feed }) => ({ ...heard(), feed: read(feed, update) }))
  }

  /** A snapshot takes no place among the open pages, so that it is there if they are too many. */
  async #askWhy(source: EventSource): Promise<void> {
    const [ticket, told] = await Promise.all([ticketFrom(this.#folder), snapshotFrom(this.#folder)])
    if (this.#source !== source) return
    // Of a process that was started since, or of another instance behind the same address.
    const isOutdated = ticket !== '' && ticket !== this.#ticket
    this.#tell(({ feed }) => {
      if (isOutdated) return { connection: 'connecting' }
      if (typeof told === 'number') return { connection: isDenial(told) ? 'denied' : 'lost' }
      return { connection: 'full', feed: begun(feed, told), heardAt: Date.now() }
    })
    this.#retry = setTimeout(
      () => {
        this.close()
        void this.open()
      },
      isOutdated ? AGAIN_MS : RETRY_MS,
    )
  }
}

function heard(): Partial<Live> {
  return { connection: 'live', heardAt: Date.now() }
}

function fallenQuiet({ connection, heardAt }: Live): Partial<Live> {
  return connection === 'live' && Date.now() - heardAt > ALIVE_MS ? { connection: 'quiet' } : {}
}

function isRefused(connection: Connection): boolean {
  return connection === 'full' || connection === 'denied'
}

function isDenial(status: number): boolean {
  return status === 403 || status === 421
}

/** Empty where there is none. */
async function ticketFrom(folder: string): Promise<string> {
  try {
    const response = await fetch(`${folder}ticket`, { signal: AbortSignal.timeout(RETRY_MS) })
    const { ticket } = await response.json()
    return typeof ticket === 'string' ? ticket : ''
  } catch {
    return ''
  }
}

/** The status where there is none; 0 where nothing answers. */
async function snapshotFrom(folder: string): Promise<Snapshot | number> {
  try {
    const response = await fetch(`${folder}snapshot.json`)
    return response.ok ? await response.json() : response.status
  } catch {
    return 0
  }
}

/** Milliseconds since 1970 on the server's clock, told again every few seconds. */
export function useNow(offset: number, every = 5000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return Math.max(now, Date.now()) + offset
}
