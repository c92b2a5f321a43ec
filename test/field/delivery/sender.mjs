// Sends the bytes of one connection as its plan says.

import { once } from 'node:events'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'

/** Milliseconds without a byte after which there will be no more of an answer. */
const QUIET = 40

/**
 * Cuts what is written to it at the places of the plan, `from` being the place of the first byte, and
 * ends the connection where the plan stops.
 */
class Cutting extends Duplex {
  #socket
  #plan
  #at
  #hasStopped = false

  constructor(socket, plan, from) {
    super({ allowHalfOpen: true })
    this.#socket = socket
    this.#plan = plan
    this.#at = from
    socket.on('data', (chunk) => this.push(chunk))
    socket.on('end', () => this.push(null))
    socket.on('close', () => this.destroy())
  }

  /** @override */
  _read() {}

  /** @override */
  _write(chunk, _, done) {
    this.#send(chunk).then(() => done(), done)
  }

  async #send(chunk) {
    const { cuts, pause, stopAt } = this.#plan
    const end = Math.min(this.#at + chunk.length, stopAt)
    const places = [...cuts.filter((cut) => cut > this.#at && cut < end), end]
    let taken = 0
    for (const place of places) {
      if (this.#hasStopped) return
      const piece = chunk.subarray(taken, taken + place - this.#at)
      taken += piece.length
      this.#at = place
      if (piece.length > 0 && this.#socket.writable) this.#socket.write(piece)
      if (place < end) await delay(pause)
    }
    if (this.#at >= stopAt) await this.#stop()
  }

  /** @override */
  _final(done) {
    if (!this.#hasStopped) this.#socket.end()
    done()
  }

  async #stop() {
    this.#hasStopped = true
    const { ending, pause } = this.#plan
    if (ending === 'end') this.#socket.end()
    else await reset(this.#socket, pause)
  }
}

async function reset(socket, pause) {
  if (pause > 0) await delay(2 * pause)
  socket.resetAndDestroy()
}

/**
 * Sends the header, then the payload, in TLS where `secure` has its options. Resolves with what was
 * answered once the connection is over.
 */
export async function send({ port, header, payload, plan, secure }) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  const cutting = new Cutting(socket, plan, -header.length)
  cutting.on('error', () => {})
  let answer = ''
  let last = performance.now()
  const keep = (chunk) => {
    answer += chunk.toString('latin1')
  }
  socket.on('data', () => {
    last = performance.now()
  })
  const stream = secure === undefined ? clear(cutting, header, payload) : inTls()
  stream.on('data', keep)
  function inTls() {
    cutting.write(header)
    const tls = connectTls({ socket: cutting, servername: 'localhost', ...secure })
    tls.on('error', () => {})
    tls.once('secureConnect', () => {
      last = performance.now()
      write(tls, payload)
    })
    return tls
  }
  function write(to, bytes) {
    to.write(bytes, () => {
      last = performance.now()
      if (plan.stopAt !== Number.POSITIVE_INFINITY || socket.destroyed) return
      if (plan.ending === 'end') to.end()
      if (plan.ending === 'reset') void reset(socket, plan.pause)
    })
  }
  function clear(to, ...bytes) {
    write(to, Buffer.concat(bytes))
    return to
  }
  while (!socket.destroyed && performance.now() - last < QUIET) await delay(5)
  socket.destroy()
  cutting.destroy()
  return answer
}
