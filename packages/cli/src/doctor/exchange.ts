import { connect, isIP, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { type Answer, answerOf, bare, isWhole, MAX_ANSWER } from './answer.js'
import type { Target } from './target.js'

/** What is sent on one connection. */
export interface Sending {
  /** Before everything else, each piece in its own segment. */
  readonly first: readonly Buffer[]
  /** Milliseconds between the pieces. */
  readonly pause: number
  /** Start TLS after that. */
  readonly tls: boolean
  /** Then; undefined asks nothing. */
  readonly request: Buffer | undefined
}

/** Sends, and waits at most `timeout` milliseconds after the last byte sent for an answer. */
export async function exchange(target: Target, sending: Sending, timeout: number): Promise<Answer> {
  const port = target.place.port
  const socket = connect({ host: target.address, port, noDelay: true, allowHalfOpen: true })
  socket.setTimeout(timeout, () => socket.destroy())
  try {
    if (!(await settles(socket, 'connect'))) return bare('unreachable')
    const { localAddress } = socket
    socket.setTimeout(0)
    // Read from the start: a listener may answer, or close, before the last piece is sent.
    const plain = sending.tls ? undefined : listenFor(socket)
    const cutAfter = await sendPieces(socket, sending)
    if (plain !== undefined) {
      if (sending.request !== undefined) socket.write(sending.request)
      return { ...(await plain.answer(timeout, localAddress)), cutAfter }
    }
    return { ...(await overTls(socket, target, sending, timeout)), cutAfter }
  } finally {
    socket.destroy()
  }
}

/** Milliseconds from the first piece to the end of the connection, if it came before the last one. */
async function sendPieces(socket: Socket, { first, pause }: Sending): Promise<number | undefined> {
  const from = performance.now()
  let cutAfter: number | undefined
  const cut = (): void => {
    cutAfter ??= performance.now() - from
  }
  for (const event of ['end', 'close', 'error']) socket.once(event, cut)
  for (const [index, piece] of first.entries()) {
    if (index > 0) await delay(pause)
    if (socket.writable) socket.write(piece)
  }
  for (const event of ['end', 'close', 'error']) socket.off(event, cut)
  return cutAfter
}

async function overTls(
  socket: Socket,
  { place }: Target,
  { request }: Sending,
  timeout: number,
): Promise<Answer> {
  const { localAddress } = socket
  const name = isIP(place.host) === 0 ? { servername: place.host } : {}
  // Whose certificate it is does not matter here: nothing secret is sent.
  const options = { socket, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], ...name }
  const secure = connectTls(options)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    secure.destroy()
  }, timeout)
  const isSecure = await settles(secure, 'secureConnect')
  clearTimeout(timer)
  if (!isSecure) return bare(isLate ? 'silent' : 'closed', localAddress)
  if (request === undefined) return bare('tls', localAddress)
  const listening = listenFor(secure)
  secure.write(request)
  return listening.answer(timeout, localAddress)
}

/** Resolves to whether the event came before the socket's end. */
function settles(socket: Socket, event: 'connect' | 'secureConnect'): Promise<boolean> {
  return new Promise((resolve) => {
    socket.on('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once(event, () => resolve(true))
  })
}

/** Gathers what comes. */
function listenFor(socket: Socket): { answer(timeout: number, local?: string): Promise<Answer> } {
  let text = ''
  let firstAt: number | undefined
  let isOver = false
  let onOver = (): void => {}
  const over = (): void => {
    isOver = true
    onOver()
  }
  socket.on('error', over)
  socket.once('end', over)
  socket.once('close', over)
  socket.on('data', (chunk: Buffer) => {
    firstAt ??= performance.now()
    text = (text + chunk.toString('latin1')).slice(0, MAX_ANSWER)
    if (text.length === MAX_ANSWER || isWhole(text)) over()
  })
  return {
    async answer(timeout, localAddress) {
      const sentAt = performance.now()
      const timer = new AbortController()
      const ended = new Promise<void>((resolve) => {
        onOver = resolve
        if (isOver) resolve()
      })
      await Promise.race([
        ended,
        delay(timeout, undefined, { signal: timer.signal }).catch(() => {}),
      ])
      timer.abort()
      const after = firstAt === undefined ? undefined : Math.max(0, firstAt - sentAt)
      return answerOf(text, isOver ? 'closed' : 'silent', localAddress, after)
    },
  }
}
