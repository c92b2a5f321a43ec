/** The head of an HTTP/1 request. */
export interface RequestHead {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly headers: readonly (readonly [string, string])[]
  /** Bytes of the head, its empty line included. */
  readonly byteLength: number
}

const REQUEST_LINE = /^([A-Z]{1,32}) (\S{1,8192}) HTTP\/(\d\.\d)$/
const MAYBE_METHOD = /^[A-Z]{1,32}($| )/

/** Reads by RFC 9112 section 3, as far as a look at the bytes needs it. */
export function readRequestHead(bytes: Buffer): RequestHead | 'incomplete' | 'absent' {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = (end < 0 ? text : text.slice(0, end)).split('\r\n')
  if (end < 0 && lines.length === 0) return MAYBE_METHOD.test(first) ? 'incomplete' : 'absent'
  const [, method, target, version] = REQUEST_LINE.exec(first) ?? []
  if (method === undefined || target === undefined || version === undefined) return 'absent'
  if (end < 0) return 'incomplete'
  return { method, target, version, headers: lines.map(headerOf), byteLength: end + 4 }
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':')
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trim()]
}
