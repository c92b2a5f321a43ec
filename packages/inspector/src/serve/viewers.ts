import { PassThrough, type Readable } from 'node:stream'
import type { Policy } from '@truehop/identity'
import type { InspectorSettings } from '../options.js'
import { BUCKET_MS } from '../record/activity.js'
import type { Recorder } from '../record/recorder.js'
import { formOf } from '../view/address-mask.js'
import { policyView } from '../view/policy-view.js'
import type { DecisionView, Update } from '../view/view.js'

/** Milliseconds between updates. */
const TICK_MS = 500
/** Milliseconds without an update after which a line shows that the connection lives. */
const HEARTBEAT_MS = 15_000
/** Milliseconds that an update may wait for its viewer; a slower one is disconnected. */
const PATIENCE_MS = 30_000
/**
 * Maximum characters of decisions in one update, which is queued as one piece with no other behind
 * it: 2000 ordinary decisions, or as many as fit of those full of claims.
 */
const MAX_DECISIONS = 1_572_864

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
  /** When something was last written, on the clock of `performance.now()`. */
  writtenAt: number
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
    const viewer = { policy, stream, seen: 0, changes: -1, version: 0, toldAt: 0, writtenAt: 0 }
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
    const now = Date.now()
    const { policy, seen, stream } = viewer
    const recorder = this.#recorder
    const isFirst = viewer.version === 0
    const update: Update = {
      now,
      address: formOf(this.#settings.address),
      keep: this.#settings.keep,
      bucketMs: BUCKET_MS,
      passedOver: recorder.passedOver,
      ...(this.#isPolicyDue(viewer) ? { policy: policyView(policy) } : {}),
      collapses: recorder.collapses(policy, now),
      decisions: newest(recorder.decisions(policy, seen)),
      anomalies: recorder.anomalies(policy, seen),
      // The bucket of the last update may have grown since.
      activity: recorder.activity(now, isFirst ? 0 : viewer.toldAt - 2 * BUCKET_MS),
      clients: recorder.clients(now),
    }
    const ids = [...update.decisions, ...update.anomalies].map(({ id }) => id)
    viewer.seen = Math.max(seen, ...ids)
    viewer.changes = recorder.changes
    viewer.version = policy.status().version
    viewer.toldAt = now
    viewer.writtenAt = performance.now()
    stream.write(`data: ${JSON.stringify(update)}\n\n`)
  }

  #isPolicyDue({ version, policy }: Viewer): boolean {
    const { version: current, hops } = policy.status()
    // Live ranges change without a new version of the policy.
    return version !== current || hops.some(({ ranges }) => ranges.length > 0)
  }

  /** Keeps proxies from closing the connection, and notices when it is dead. */
  #beat(viewer: Viewer): void {
    if (this.#isPolicyDue(viewer)) {
      this.#tell(viewer)
      return
    }
    viewer.writtenAt = performance.now()
    viewer.stream.write(': still here\n\n')
  }
}

/** Whether the last update is still on its way. */
function isBehind({ stream }: Viewer): boolean {
  return stream.writableLength + stream.readableLength > 0
}

/** As many as there is room for. */
function newest(decisions: readonly DecisionView[]): readonly DecisionView[] {
  let length = 0
  const tooOld = decisions.findLastIndex((decision) => {
    length += JSON.stringify(decision).length
    return length > MAX_DECISIONS
  })
  return decisions.slice(tooOld + 1)
}
