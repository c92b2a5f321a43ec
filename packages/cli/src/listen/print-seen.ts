import { describeLayer, layerJson } from '../dissect/describe.js'
import type { Http2Request } from '../dissect/dissection.js'
import { counted } from '../output/counted.js'
import { printable } from '../output/printable.js'
import { coloursOf, print, type Terminal } from '../output/terminal.js'
import type { Inside } from './conversation.js'
import type { FirstBytes } from './first-bytes.js'
import type { Connection, SeenConnection } from './first-bytes-server.js'
import { placeText } from './listening.js'

const ENDED: Readonly<Record<FirstBytes['ended'], string>> = {
  settled: '',
  closed: 'the peer closed',
  deadline: 'no more bytes in time',
  full: 'no more bytes are kept',
}

/** Prints a connection, its layers with their offsets at the left. */
export function printSeen(terminal: Terminal, time: string, seen: SeenConnection): void {
  const { bold } = coloursOf(terminal)
  const { number, peer = 'unknown', peerPort = 0, outside, inside } = seen
  const from = placeText({ host: peer, port: peerPort })
  print(terminal, bold(`${time} #${number} from ${from}, ${counted(outside.byteLength, 'byte')}`))
  printFirstBytes(terminal, outside)
  if (inside === undefined) return
  print(terminal, bold(`  inside TLS, ${insideText(inside)}`))
  if (!('failed' in inside)) printFirstBytes(terminal, inside)
}

function insideText(inside: Inside): string {
  if ('failed' in inside) return `nothing: ${printable(inside.failed)}`
  const { protocol = 'TLS', cipher, alpn, byteLength } = inside
  const agreed = alpn === undefined ? 'no ALPN' : `ALPN ${printable(alpn)}`
  return `${protocol} ${cipher}, ${agreed}, ${counted(byteLength, 'byte')}`
}

function printFirstBytes(terminal: Terminal, { layers, ended, error }: FirstBytes): void {
  const { dim } = coloursOf(terminal)
  for (const layer of layers) {
    const [first = '', ...lines] = describeLayer(layer)
    print(terminal, `  ${dim(String(layer.offset).padStart(5))}  ${first}`)
    for (const line of lines) print(terminal, `         ${line}`)
  }
  const why = error === undefined ? '' : `: ${printable(error)}`
  if (ended !== 'settled') print(terminal, `         ${ENDED[ended]}${why}`)
}

/** Prints a request of HTTP/2 that is not the first one of its connection. */
export function printFurther(
  terminal: Terminal,
  time: string,
  from: Connection,
  request: Http2Request,
): void {
  const { bold } = coloursOf(terminal)
  const { number, peer = 'unknown', peerPort = 0 } = from
  const place = placeText({ host: peer, port: peerPort })
  print(terminal, bold(`${time} #${number} from ${place}, HTTP/2 stream ${request.stream}`))
  for (const line of describeLayer({ kind: 'http2', offset: 0, request })) {
    print(terminal, `         ${line}`)
  }
}

/** The same as JSON shows it. */
export function furtherJson(from: Connection, request: Http2Request): object {
  const { number, peer, peerPort } = from
  return { number, peer, peerPort, request }
}

/** A connection as JSON shows it; what is inside TLS under `tls`. */
export function seenJson({ outside, inside, ...from }: SeenConnection): object {
  const tls = inside !== undefined && 'layers' in inside ? firstBytesJson(inside) : inside
  return { ...from, ...firstBytesJson(outside), tls }
}

const firstBytesJson = <T extends FirstBytes>(firstBytes: T): object => ({
  ...firstBytes,
  layers: firstBytes.layers.map(layerJson),
})
