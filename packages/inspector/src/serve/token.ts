import { randomBytes, timingSafeEqual } from 'node:crypto'

/** Made at start-up, and shown in an answer that no other site can read: who has it, read that. */
export class Token {
  readonly text = randomBytes(24).toString('base64url')

  equals(text: string): boolean {
    const [left, right] = [Buffer.from(text), Buffer.from(this.text)]
    return left.length === right.length && timingSafeEqual(left, right)
  }
}
