import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** The pieces in which bytes are sent. */
export type Cut = (bytes: Buffer) => readonly Buffer[]

type Done = (error?: Error | null) => void

/**
 * A connection that sends bytes of its own before the first that is written to it, and cuts the
 * two together into segments.
 */
export class FirstBytes extends Duplex {
  readonly #socket: Socket
  readonly #cut: Cut
  #before: Uint8Array

  constructor(socket: Socket, before: Uint8Array, cut: Cut = (bytes) => [bytes]) {
    super({ allowHalfOpen: true })
    this.#socket = socket
    this.#before = before
    this.#cut = cut
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) socket.pause()
    })
    socket.on('end', () => this.push(null))
    socket.on('close', () => this.destroy())
    socket.on('error', (error) => this.destroy(error))
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    const bytes = Buffer.concat([this.#before, chunk])
    const pieces = this.#before.length === 0 ? [bytes] : this.#cut(bytes)
    this.#before = new Uint8Array(0)
    this.#send(pieces).then(() => done(), done)
  }

  override _final(done: Done): void {
    this.#socket.end(() => done())
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#socket.destroy()
    done(error)
  }

  /** A segment for each piece: the next one goes out when this one is likely to have been read. */
  async #send(pieces: readonly Buffer[]): Promise<void> {
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await delay(2)
      if (piece.length > 0)
        await new Promise<void>((sent, failed) => {
          this.#socket.write(piece, (error) => (error ? failed(error) : sent()))
        })
    }
  }
}
