import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { AuditSink, SinkListener, SinkRecord } from './audit-sink.js'
import { SendQueue } from './send-queue.js'
import { framed, syslogMessage } from './syslog-message.js'
import { readSyslogOptions, type SyslogOptions, type SyslogSettings } from './syslog-options.js'

/** Milliseconds between two attempts to connect. */
const RECONNECT_AFTER = 1000
/** Milliseconds without any progress, after which a connection counts as broken. */
const STALLED_AFTER = 30_000
/** Milliseconds in which what was left out is counted together, as saying so is a record too. */
const TELL_AFTER = 1000
/** Milliseconds that `close` waits. */
const CLOSE_WITHIN = 5000

/**
 * Sends records to a syslog server: RFC 5424, with octet counting over TCP (RFC 6587) or over TLS
 * (RFC 5425). What cannot be sent waits in bounded memory, and a server that is away is tried once a
 * second. Syslog has no receipt: what the system had accepted when a connection broke may be lost,
 * and what it had not is sent again. `verifyAudit` on the server's file shows either.
 *
 * @throws {LogError} for bad options.
 */
export function syslogSink(options: SyslogOptions): AuditSink {
  return new SyslogSink(readSyslogOptions(options))
}

class SyslogSink implements AuditSink {
  readonly name = 'syslog'
  readonly #settings: SyslogSettings
  readonly #queue: SendQueue
  readonly #procId = String(process.pid)
  #listener: SinkListener | undefined
  #socket: Socket | undefined
  #isReady = false
  #retry: NodeJS.Timeout | undefined
  #telling: NodeJS.Timeout | undefined
  #isClosing = false
  #isClosed = false
  #emptied: (() => void) | undefined

  constructor(settings: SyslogSettings) {
    this.#settings = settings
    this.#queue = new SendQueue(settings.maxPending)
  }

  open(listener: SinkListener): void {
    this.#listener = listener
    this.#connect()
  }

  take(record: SinkRecord): void {
    if (this.#isClosed) return
    const message = framed(syslogMessage(record, { ...this.#settings, procId: this.#procId }))
    if (message.length > this.#settings.maxMessage) this.#queue.leaveOut()
    else this.#queue.add(message)
    this.#send()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#socket?.ref()
    if (this.#queue.length > 0) await this.#emptiedOrLate()
    this.#isClosed = true
    clearTimeout(this.#retry)
    clearTimeout(this.#telling)
    const unsent = this.#queue.length + this.#queue.takeLeftOut()
    if (unsent > 0) this.#listener?.error(new Error(`syslog: closed with ${unsent} records unsent`))
    // A server that took nothing so far takes no end either.
    if (this.#queue.length > 0) this.#socket?.destroy()
    else this.#socket?.end()
    this.#socket?.unref()
  }

  #emptiedOrLate(): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, CLOSE_WITHIN)
      this.#emptied = () => {
        clearTimeout(late)
        resolve()
      }
    })
  }

  #connect(): void {
    const { host, port, tls } = this.#settings
    const socket = tls === undefined ? connect({ host, port }) : connectTls({ ...tls, host, port })
    this.#socket = socket
    // A service must be able to end; `close` waits for what there is to send.
    if (!this.#isClosing) socket.unref()
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => this.#ready(socket))
    socket.setTimeout(STALLED_AFTER, () => {
      if (this.#queue.length > 0) socket.destroy(new Error('the server takes nothing'))
    })
    // A server sends nothing; without a reader its end would not be seen.
    socket.resume()
    socket.on('end', () => socket.destroy())
    socket.on('error', (error) => this.#listener?.error(new Error(`syslog: ${error.message}`)))
    socket.once('close', () => this.#lost())
  }

  #ready(socket: Socket): void {
    socket.setKeepAlive(true, STALLED_AFTER)
    this.#isReady = true
    this.#send()
  }

  #lost(): void {
    this.#isReady = false
    this.#socket = undefined
    this.#queue.rewind()
    if (this.#isClosed || (this.#isClosing && this.#queue.length === 0)) return
    this.#retry = setTimeout(() => this.#connect(), RECONNECT_AFTER)
    if (!this.#isClosing) this.#retry.unref()
  }

  /** As much as the connection takes; the rest waits here, where it is bounded. */
  #send(): void {
    const socket = this.#socket
    if (!this.#isReady || socket === undefined || socket.writableNeedDrain) return
    for (let next = this.#queue.next(); next !== undefined; next = this.#queue.next()) {
      const hasRoom = socket.write(next, (error) => {
        if (!error && socket === this.#socket) this.#written()
      })
      if (!hasRoom) {
        socket.once('drain', () => this.#send())
        return
      }
    }
  }

  /** A trail that is being closed takes no more records: `close` reports the count. */
  #tellLeftOut(): void {
    this.#telling = undefined
    if (this.#isReady && !this.#isClosing) this.#listener?.leftOut(this.#queue.takeLeftOut())
  }

  #written(): void {
    this.#queue.shift()
    if (this.#queue.hasLeftOut) {
      this.#telling ??= setTimeout(() => this.#tellLeftOut(), TELL_AFTER).unref()
    }
    if (this.#queue.length === 0) this.#emptied?.()
  }
}
