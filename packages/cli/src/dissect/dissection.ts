import { decode, type ProxyHeader } from '@truehop/proxy-protocol'
import { type ClientHello, readClientHello } from './client-hello.js'
import { type RequestHead, readRequestHead } from './request-head.js'

/** One thing that a connection says, at `offset` from its first byte. */
export type Layer =
  | {
      readonly kind: 'proxy'
      readonly offset: number
      readonly byteLength: number
      readonly header: ProxyHeader
    }
  | {
      readonly kind: 'malformed'
      /** The position of the first byte that is wrong. */
      readonly offset: number
      /** From the header's first byte on, as far as there are any. */
      readonly bytes: Buffer
      readonly code: string
      readonly message: string
    }
  | { readonly kind: 'tls'; readonly offset: number; readonly hello: ClientHello }
  | { readonly kind: 'http'; readonly offset: number; readonly head: RequestHead }
  | Http2Layer
  | { readonly kind: 'other'; readonly offset: number; readonly bytes: Buffer }

export interface Http2Layer {
  readonly kind: 'http2'
  readonly offset: number
  /** The first request: its header fields are compressed, so only a session can read it. */
  readonly request?: Http2Request
}

export interface Http2Request {
  /** Its number in the connection, RFC 9113 section 5.1.1. */
  readonly stream: number
  readonly method: string
  readonly path: string
  /** As received, including the other pseudo-header fields. */
  readonly headers: readonly (readonly [string, string])[]
}

export interface Dissection {
  readonly layers: readonly Layer[]
  /** Nothing more can be learnt from further bytes. */
  readonly settled: boolean
}

/** PROXY headers in a row that are looked at. */
const MAX_HEADERS = 8
/** RFC 9113 section 3.4. */
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** What the first bytes of a connection are: PROXY headers, then TLS, HTTP or something else. */
export function dissect(bytes: Buffer): Dissection {
  const layers: Layer[] = []
  let offset = 0
  while (layers.length < MAX_HEADERS) {
    const result = decode(bytes.subarray(offset))
    if (result.status === 'malformed') {
      const { code, message } = result
      const place = offset + result.offset
      const wrong = bytes.subarray(offset)
      return {
        layers: [...layers, { kind: 'malformed', offset: place, bytes: wrong, code, message }],
        settled: true,
      }
    }
    if (result.status === 'incomplete') return unsettled(layers, bytes, offset)
    if (result.status === 'absent') break
    const { header, byteLength } = result
    layers.push({ kind: 'proxy', offset, byteLength, header })
    offset += byteLength
  }
  const payload = payloadLayer(bytes.subarray(offset), offset)
  return payload === undefined
    ? unsettled(layers, bytes, offset)
    : { layers: [...layers, payload], settled: true }
}

function payloadLayer(bytes: Buffer, offset: number): Layer | undefined {
  const hello = readClientHello(bytes)
  if (hello === 'incomplete') return undefined
  if (hello !== 'absent') return { kind: 'tls', offset, hello }
  const preface = bytes.subarray(0, HTTP2_PREFACE.length)
  if (HTTP2_PREFACE.subarray(0, preface.length).equals(preface)) {
    return preface.length === HTTP2_PREFACE.length ? { kind: 'http2', offset } : undefined
  }
  const head = readRequestHead(bytes)
  if (head === 'incomplete') return undefined
  return head === 'absent' ? { kind: 'other', offset, bytes } : { kind: 'http', offset, head }
}

/** What is there if nothing follows. */
function unsettled(layers: readonly Layer[], bytes: Buffer, offset: number): Dissection {
  const rest = bytes.subarray(offset)
  if (rest.length === 0) return { layers, settled: false }
  return { layers: [...layers, { kind: 'other', offset, bytes: rest }], settled: false }
}
