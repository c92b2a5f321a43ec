import { PassThrough, type Readable } from 'node:stream'
import type { Policy } from '@truehop/identity'
import type { InspectorSettings } from '../options.js'
import type { Recorder } from '../record/recorder.js'
import { updateFor } from './update.js'

/** Milliseconds between updates. */
const TICK_MS = 500
/**
 * Milliseconds without an update after which a beat shows that the connection lives: the page calls
 * itself live for five seconds after each.
 */
const HEARTBEAT_MS = 2000
/** Milliseconds after which a policy with live ranges is sent again though nothing else is new. */
const POLICY_MS = 15_000
/** Milliseconds that an update may wait for its viewer; a slower one is disconnected. */
const PATIENCE_MS = 30_000
type ViewerSettings = Pick<InspectorSettings, 'address' | 'keep' | 'maxViewers'>

interface Viewer {
  readonly policy: Policy
  readonly stream: PassThrough
  /** The newest decision or anomaly that it was sent. */
  seen: number
  changes: number
  version: number
  /** When the last update was made, in milliseconds since 1970. */
  toldAt: number
  /** When something was last written, and when the policy was, on the clock of `performance.now()`. */
  writtenAt: number
  policyAt: number
}

/** The open pages, and what each has been sent. Does nothing while there are none. */
export class Viewers {
  readonly #recorder: Recorder
  readonly #settings: ViewerSettings
  readonly #open = new Set<Viewer>()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(recorder: Recorder, settings: ViewerSettings) {
    this.#recorder = recorder
    this.#settings = settings
  }

  get size(): number {
    return this.#open.size
  }

  /** Server-sent events, starting with everything; undefined if there is no room. */
  open(policy: Policy): Readable | undefined {
    if (this.#isClosed || this.#open.size >= this.#settings.maxViewers) return undefined
    const stream = new PassThrough()
    const told = { seen: 0, changes: -1, version: 0, toldAt: 0, writtenAt: 0, policyAt: 0 }
    const viewer = { policy, stream, ...told }
    this.#open.add(viewer)
    stream.on('error', () => {})
    stream.on('close', () => this.#forget(viewer))
    stream.write('retry: 2000\n\n')
    this.#tell(viewer)
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref()
    return stream
  }

  /** Ends every stream, and opens no more. */
  close(): void {
    this.#isClosed = true
    for (const { stream } of this.#open) stream.end()
    clearInterval(this.#timer)
  }

  #forget(viewer: Viewer): void {
    this.#open.delete(viewer)
    if (this.#open.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    const now = performance.now()
    for (const viewer of this.#open) {
      if (isBehind(viewer)) this.#wait(viewer, now)
      else if (this.#hasNews(viewer)) this.#tell(viewer)
      else if (now - viewer.writtenAt >= HEARTBEAT_MS) this.#beat(viewer)
    }
  }

  /** What comes meanwhile is sent as soon as the viewer has caught up. */
  #wait({ stream, writtenAt }: Viewer, now: number): void {
    if (now - writtenAt >= PATIENCE_MS) stream.destroy()
  }

  #hasNews({ changes, version, policy }: Viewer): boolean {
    return changes !== this.#recorder.changes || version !== policy.status().version
  }

  #tell(viewer: Viewer): void {
    const { policy, seen, toldAt, stream } = viewer
    const recorder = this.#recorder
    const withPolicy = this.#isPolicyDue(viewer)
    const update = updateFor(recorder, this.#settings, policy, { seen, toldAt, withPolicy })
    const { now, decisions, anomalies } = update
    const changes = decisions.map(({ changed }) => changed)
    viewer.seen = Math.max(seen, ...changes, ...anomalies.map(({ id }) => id))
    viewer.changes = recorder.changes
    viewer.version = policy.status().version
    viewer.toldAt = now
    viewer.writtenAt = performance.now()
    if (withPolicy) viewer.policyAt = viewer.writtenAt
    stream.write(`data: ${JSON.stringify(update)}\n\n`)
  }

  #isPolicyDue({ version, policy }: Viewer): boolean {
    const { version: current, hops } = policy.status()
    // Live ranges change without a new version of the policy.
    return version !== current || hops.some(({ ranges }) => ranges.length > 0)
  }

  /** Keeps proxies from closing the connection, and shows the page that it lives. */
  #beat(viewer: Viewer): void {
    if (performance.now() - viewer.policyAt >= POLICY_MS && this.#isPolicyDue(viewer)) {
      this.#tell(viewer)
      return
    }
    viewer.writtenAt = performance.now()
    viewer.stream.write(`event: beat\ndata: ${Date.now()}\n\n`)
  }
}

/** Whether the last update is still on its way. */
function isBehind({ stream }: Viewer): boolean {
  return stream.writableLength + stream.readableLength > 0
}
