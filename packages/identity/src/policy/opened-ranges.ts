/** Something that follows a file or a URL until it is closed. */
export interface Followed {
  close(): void
}

/**
 * The live ranges that a policy opened itself, as one from a file does: nobody else can close them.
 * Those of a policy that was never put in force must not go on polling.
 */
export class OpenedRanges {
  readonly #followed: readonly Followed[]
  #isInForce = false

  constructor(followed: readonly Followed[]) {
    this.#followed = followed
  }

  /** Their policy has replaced another one: they stay open whatever happens to a second attempt. */
  putInForce(): void {
    this.#isInForce = true
  }

  /** Their policy was refused. */
  refused(): void {
    if (this.#isInForce) return
    for (const followed of this.#followed) followed.close()
  }
}
