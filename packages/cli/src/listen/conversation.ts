import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Http2Request, Layer } from '../dissect/dissection.js'
import { answer, answerHttp2 } from './answer.js'
import type { Credentials } from './certificate.js'
import { type FirstBytes, readFirstBytes } from './first-bytes.js'
import { acceptTls } from './tls-inside.js'

export interface ConversationSettings {
  /** Bytes that are looked at: in the connection, and again in what is inside TLS. */
  readonly maxBytes: number
  /** Milliseconds after which only what has already come counts. */
  readonly timeout: number
  readonly credentials: Credentials
}

/** What was seen of a connection. */
export interface Seen {
  readonly outside: FirstBytes
  /** What is inside TLS; undefined if there is no TLS. */
  readonly inside: Inside | undefined
}

export type OnFurther = (request: Http2Request) => void

export type Inside = (Handshake & FirstBytes) | { readonly failed: string }

interface Handshake {
  /** `TLSv1.3` */
  readonly protocol: string | undefined
  readonly cipher: string
  /** The application protocol that was agreed on. */
  readonly alpn: string | undefined
}

/**
 * Looks at the first bytes of a connection and of TLS in it, and answers in their protocol.
 * `onFurther` is called for each HTTP/2 request after the one this resolves to.
 */
export async function converse(
  socket: Socket,
  settings: ConversationSettings,
  onFurther: OnFurther,
): Promise<Seen> {
  const { maxBytes, timeout, credentials } = settings
  const deadline = AbortSignal.timeout(timeout)
  const outside = await readFirstBytes(socket, maxBytes, deadline)
  if (socket.destroyed) return { outside, inside: undefined }
  if (lastLayer(outside)?.kind !== 'tls') {
    return { outside: await answered(socket, outside, deadline, onFurther), inside: undefined }
  }
  const secure = await acceptTls(socket, credentials, deadline)
  if (typeof secure === 'string') return { outside, inside: { failed: secure } }
  // Before anything is waited for: a closed socket no longer has it.
  const handshake = handshakeOf(secure)
  const inside = await readFirstBytes(secure, maxBytes, deadline)
  const firstBytes = await answered(secure, inside, deadline, onFurther)
  return { outside, inside: { ...handshake, ...firstBytes } }
}

function handshakeOf(socket: TLSSocket): Handshake {
  const { alpnProtocol } = socket
  return {
    protocol: socket.getProtocol() ?? undefined,
    cipher: socket.getCipher().standardName,
    alpn: typeof alpnProtocol === 'string' ? alpnProtocol : undefined,
  }
}

/** Answers, and adds what only answering HTTP/2 shows. */
async function answered(
  socket: Socket,
  firstBytes: FirstBytes,
  deadline: AbortSignal,
  onFurther: OnFurther,
): Promise<FirstBytes> {
  const last = lastLayer(firstBytes)
  if (socket.destroyed) return firstBytes
  if (last?.kind !== 'http2') {
    answer(socket, last)
    return firstBytes
  }
  const request = await answerHttp2(socket, deadline, onFurther)
  if (request === undefined) return firstBytes
  const layers = [...firstBytes.layers.slice(0, -1), { ...last, request }]
  return { ...firstBytes, layers }
}

function lastLayer({ layers }: FirstBytes): Layer | undefined {
  return layers.at(-1)
}
