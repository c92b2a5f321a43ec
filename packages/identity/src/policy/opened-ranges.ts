/** Something that follows a file or a URL until it is closed. */
export interface Followed {
  close(): void
}

/**
 * The living ranges that a policy opened itself, as one from a file does: nobody else has them to
 * close. Those of a policy that was never put in force must not go on polling.
 */
export class OpenedRanges {
  readonly #followed: readonly Followed[]
  #isInForce = false

  constructor(followed: readonly Followed[]) {
    this.#followed = followed
  }

  /** Another policy was replaced by theirs: they stay open whatever becomes of a second attempt. */
  putInForce(): void {
    this.#isInForce = true
  }

  /** Their policy was refused. */
  refused(): void {
    if (this.#isInForce) return
    for (const followed of this.#followed) followed.close()
  }
}
