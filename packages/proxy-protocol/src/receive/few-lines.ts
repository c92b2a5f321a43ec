const MINUTE = 60_000

/** Lines written in the current minute for one reason, and those left out. */
interface Window {
  written: number
  suppressed: number
}

/**
 * Allows each reason a few lines a minute and no more, so that a scan cannot fill the disk. What
 * was left out is summed up for each reason at the end of the minute.
 */
export class FewLines {
  readonly #perMinute: number
  readonly #sumUp: (reason: string, suppressed: number) => void
  readonly #windows = new Map<string, Window>()

  constructor(perMinute: number, sumUp: (reason: string, suppressed: number) => void) {
    this.#perMinute = perMinute
    this.#sumUp = sumUp
  }

  /** Calls `line` unless the reason has had its lines. */
  write(reason: string, line: () => void): void {
    if (this.#windows.size === 0) setTimeout(() => this.#end(), MINUTE).unref()
    const window = this.#windows.get(reason) ?? { written: 0, suppressed: 0 }
    this.#windows.set(reason, window)
    if (window.written >= this.#perMinute) {
      window.suppressed++
      return
    }
    window.written++
    line()
  }

  #end(): void {
    for (const [reason, { suppressed }] of this.#windows) {
      if (suppressed > 0) this.#sumUp(reason, suppressed)
    }
    this.#windows.clear()
  }
}
