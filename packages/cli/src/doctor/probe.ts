import type { HeaderFields } from '@truehop/identity'
import { encode, type HeaderInput, LOCAL_HEADER, type ProxyHeader } from '@truehop/proxy-protocol'
import { placeText } from '../listen/listening.js'
import type { Sending } from './exchange.js'
import type { Target } from './target.js'

/** What is sent to a listener, and the client it claims. */
export interface Probe {
  readonly name: ProbeName
  /** In words. */
  readonly sends: string
  readonly sending: Sending
  /** The PROXY headers in it, as a receiver that reads them sees them. */
  readonly proxyHeaders: readonly HeaderInput[]
  /** Headers of the request that claim a client. */
  readonly headers: HeaderFields
}

export type ProbeName =
  | 'no-header'
  | 'v1'
  | 'v1-control'
  | 'v2'
  | 'v2-control'
  | 'tls'
  | 'header-tls'
  | 'garbage'
  | 'local'
  | 'unknown'
  | 'split'
  | 'slow'
  | 'wrong-checksum'
  | 'unknown-tlv'
  | 'two-headers'
  | 'two-headers-control'
  | 'forged-x-forwarded-for'
  | 'forged-forwarded'
  | 'header-inside-tls'
  | 'header-inside-tls-control'

/** Addresses for documentation, RFC 5737: no host has them, and each probe has its own. */
export const CLAIMS = {
  v1: '198.51.100.11',
  v2: '198.51.100.12',
  split: '198.51.100.13',
  slow: '198.51.100.14',
  outer: '198.51.100.15',
  inner: '198.51.100.16',
  forging: '198.51.100.17',
  'header-tls': '198.51.100.18',
  'inside-tls': '198.51.100.19',
  checksum: '198.51.100.20',
  tlv: '198.51.100.21',
  'x-forwarded-for': '192.0.2.66',
  forwarded: '192.0.2.67',
} as const

/** A header that no server reads. A page that shows its value shows every header it gets. */
export const MARK = { name: 'X-Truehop-Doctor', value: '192.0.2.65' } as const

/** Within the three seconds for which the specification asks a receiver to wait. */
const SLOW_PAUSE = 2000

/** Both pieces must not wait together in a busy listener's socket, which then reads them as one. */
function splitPause(answered: number): number {
  return Math.min(Math.max(4 * answered, 100), 1000)
}

/** Makes the probes of one listener. */
export class Probes {
  readonly #target: Target
  readonly #path: string
  readonly #tls: boolean

  constructor(target: Target, path: string, tls: boolean) {
    this.#target = target
    this.#path = path
    this.#tls = tls
  }

  /** The probes that show which contract the listener implements. */
  contract(): Probe[] {
    const v1 = headerFrom(1, CLAIMS.v1)
    const v2 = headerFrom(2, CLAIMS.v2)
    const behind = headerFrom(2, CLAIMS['header-tls'])
    return [
      this.#asking('no-header', 'a request without a header', []),
      this.#asking('v1', 'a header of version 1', [v1]),
      this.#control('v1-control', 'the same with a letter changed', broken(v1)),
      this.#asking('v2', 'a header of version 2', [v2]),
      this.#control('v2-control', 'the same with a byte changed', broken(v2)),
      this.#silent('tls', 'a TLS handshake without a header', [], true),
      this.#silent('header-tls', 'a header of version 2, then a TLS handshake', [behind], true),
      this.#garbage(),
    ]
  }

  /**
   * The probes for a listener that reads headers of `version`, and takes `answered` milliseconds to
   * answer behind one.
   */
  header(version: 1 | 2, answered: number): Probe[] {
    const pieces = (from: string) => halves(encode(headerFrom(version, from)))
    const [split, slow] = [headerFrom(version, CLAIMS.split), headerFrom(version, CLAIMS.slow)]
    const outer = headerFrom(version, CLAIMS.outer)
    const inner = headerFrom(version, CLAIMS.inner)
    const brokenTwo = Buffer.concat([encode(outer), broken(inner)])
    const splitWhole = this.#asking('split', 'the header in two segments', [split])
    const slowWhole = this.#asking(
      'slow',
      `the header, ${SLOW_PAUSE / 1000} s between its halves`,
      [slow],
    )
    return [
      this.#asking('local', 'LOCAL, as a health check of version 2', [LOCAL_HEADER]),
      this.#asking('unknown', 'UNKNOWN, as a health check of version 1', [UNKNOWN]),
      withPieces(splitWhole, pieces(CLAIMS.split), splitPause(answered)),
      withPieces(slowWhole, pieces(CLAIMS.slow), SLOW_PAUSE),
      ...(version === 2 ? this.#typeLengthValues() : []),
      this.#asking('two-headers', 'two headers in a row', [outer, inner]),
      {
        ...this.#control('two-headers-control', 'the same, the second one broken', brokenTwo),
        proxyHeaders: [outer],
      },
    ]
  }

  #typeLengthValues(): Probe[] {
    const header = headerFrom(2, CLAIMS.checksum)
    const checksum = this.#asking('wrong-checksum', 'a header with a wrong CRC32C', [header])
    const bytes = encode(header, { crc32c: true })
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 0xff, bytes.length - 1)
    const tlvs = UNKNOWN_TYPES.map((type) => ({ type, value: Buffer.from('doctor') }))
    return [
      withPieces(checksum, [bytes], 0),
      this.#asking('unknown-tlv', 'a header with unknown TLVs', [
        { ...headerFrom(2, CLAIMS.tlv), tlvs },
      ]),
    ]
  }

  /** The probes that forge request headers, after a PROXY header if the listener reads one. */
  forged(version: 1 | 2 | undefined): Probe[] {
    const headers = version === undefined ? [] : [headerFrom(version, CLAIMS.forging)]
    const { 'x-forwarded-for': xff, forwarded } = CLAIMS
    return [
      this.#asking('forged-x-forwarded-for', 'a forged X-Forwarded-For', headers, {
        'x-forwarded-for': xff,
      }),
      this.#asking('forged-forwarded', 'a forged Forwarded', headers, {
        forwarded: `for=${forwarded}`,
      }),
    ]
  }

  /** For a listener that speaks TLS: the header where it does not belong, and a broken one. */
  insideTls(): Probe[] {
    const header = headerFrom(2, CLAIMS['inside-tls'])
    const inside = (name: ProbeName, sends: string, bytes: Buffer, headers: HeaderInput[]) => {
      const probe = this.#asking(name, sends, [])
      const request = Buffer.concat([bytes, this.#request({})])
      return { ...probe, proxyHeaders: headers, sending: { ...probe.sending, request } }
    }
    return [
      inside('header-inside-tls', 'TLS, and the header inside it', encode(header), [header]),
      inside('header-inside-tls-control', 'the same, broken', broken(header), []),
    ]
  }

  #asking(
    name: ProbeName,
    sends: string,
    proxyHeaders: readonly HeaderInput[],
    headers: HeaderFields = {},
  ): Probe {
    const first =
      proxyHeaders.length === 0 ? [] : [Buffer.concat(proxyHeaders.map((h) => encode(h)))]
    const request = this.#request(headers)
    return {
      name,
      sends,
      proxyHeaders,
      headers,
      sending: { first, pause: 0, tls: this.#tls, request },
    }
  }

  /** What a listener does with this, it would do with any other bytes: there is no header in it. */
  #control(name: ProbeName, sends: string, bytes: Buffer): Probe {
    const probe = this.#asking(name, sends, [])
    return { ...probe, sending: { ...probe.sending, first: [bytes] } }
  }

  #silent(
    name: ProbeName,
    sends: string,
    proxyHeaders: readonly HeaderInput[],
    tls: boolean,
  ): Probe {
    const probe = this.#asking(name, sends, proxyHeaders)
    return { ...probe, sending: { ...probe.sending, tls, request: undefined } }
  }

  #garbage(): Probe {
    const probe = this.#asking('garbage', 'bytes of no known protocol', [])
    const first = [Buffer.from('\u0001\u0002garbage\u0000\u00ff\r\n\r\n', 'latin1')]
    return { ...probe, sending: { ...probe.sending, first, tls: false, request: undefined } }
  }

  #request(headers: HeaderFields): Buffer {
    const { host, port } = this.#target.place
    const lines = [
      `GET ${this.#path} HTTP/1.1`,
      `Host: ${placeText({ host: withoutZone(host), port })}`,
      'User-Agent: truehop-doctor',
      'Accept: */*',
      `${MARK.name}: ${MARK.value}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`),
      'Connection: close',
    ]
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  }
}

/** A zone means something only on this machine, RFC 6874 section 4. */
const withoutZone = (host: string): string => host.replace(/%.*$/, '')

/** One that is not assigned, one for applications, one for experiments. */
const UNKNOWN_TYPES = [0x10, 0xe9, 0xf3]

const DESTINATION = { address: '198.51.100.1', port: 443 }
const UNKNOWN: HeaderInput = { version: 1, command: 'PROXY', family: 'UNSPEC', transport: 'UNSPEC' }

function headerFrom(version: 1 | 2, address: string): HeaderInput {
  const source = { address, port: 4711 }
  return {
    version,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source,
    destination: DESTINATION,
  }
}

/** A header as `resolve` takes it. */
export function readHeader(header: HeaderInput): ProxyHeader {
  return { ...header, tlvs: header.tlvs ?? [] }
}

/** A header with one byte of its signature changed. */
function broken(header: HeaderInput): Buffer {
  const bytes = encode(header)
  const [text, at] = header.version === 1 ? (['PROXX', 0] as const) : (['QUIX\n', 7] as const)
  bytes.write(text, at, 'latin1')
  return bytes
}

/** Within the signature of version 2, and within `PROXY TCP4` of version 1. */
const halves = (bytes: Buffer): Buffer[] => [bytes.subarray(0, 9), bytes.subarray(9)]

function withPieces(probe: Probe, first: readonly Buffer[], pause: number): Probe {
  return { ...probe, sending: { ...probe.sending, first, pause } }
}
