import { type Instrument, type Metrics, type Reading, Tally } from '@truehop/ip/internal'

const REQUESTS: Instrument = {
  name: 'truehop.inspector.requests',
  kind: 'counter',
  unit: '{request}',
  description: 'Requests for the inspector',
}
const VIEWERS: Instrument = {
  name: 'truehop.inspector.viewers',
  kind: 'up-down-counter',
  unit: '{viewer}',
  description: 'Open pages',
}
const PASSED_OVER: Instrument = {
  name: 'truehop.inspector.passed_over',
  kind: 'counter',
  unit: '{decision}',
  description: 'Decisions that were counted only, because too many came at once',
}

/** Whether a client may see the inspector: admitted, or refused and why. */
export type Admission = 'admitted' | 'undetermined' | 'not-in-allow' | 'unknown-host' | 'other-site'

/** What one inspector has served. */
export class InspectorMetrics implements Metrics {
  readonly instruments = [REQUESTS, VIEWERS, PASSED_OVER]
  readonly #requests = new Tally<Admission>()
  readonly #viewers: { readonly size: number }
  readonly #recorder: { readonly passedOverInAll: number }

  constructor(viewers: { readonly size: number }, recorder: { readonly passedOverInAll: number }) {
    this.#viewers = viewers
    this.#recorder = recorder
  }

  count(admission: Admission): void {
    this.#requests.add(admission)
  }

  *read(): Iterable<Reading> {
    for (const [admission, count] of this.#requests.entries()) {
      yield [REQUESTS, count, { 'truehop.inspector.admission': admission }]
    }
    yield [VIEWERS, this.#viewers.size]
    yield [PASSED_OVER, this.#recorder.passedOverInAll]
  }
}
