import type { Evidence } from '@truehop/identity'
import { decode, type ProxyHeader } from '@truehop/proxy-protocol'
import { UsageError } from '../program/usage-error.js'
import { headerFields, headerLine } from './header-fields.js'

/** PROXY headers in a row that are read. */
const MAX_HEADERS = 16

/**
 * The evidence in the text of a request as it was on the wire, or as typed in an editor: PROXY
 * headers if there are any, the request line, header lines up to the empty one.
 *
 * @throws {UsageError} that names the line that is not part of a request.
 */
export function readRequest(bytes: Buffer): Pick<Evidence, 'headers' | 'proxyHeaders'> {
  const { headers: proxyHeaders, rest } = proxyHeadersOf(bytes)
  const lines = rest.toString('latin1').split(/\r?\n/)
  const [request = '', ...others] = lines
  const end = others.indexOf('')
  const fields = (end < 0 ? others : others.slice(0, end)).map((line, index) => {
    const field = headerLine(line)
    if (field !== undefined) return field
    throw new UsageError(
      `line ${index + 2} of the request is not a header line: ${line.slice(0, 80)}`,
    )
  })
  if (!/^[A-Z]+ \S+( HTTP\/\d(\.\d)?)?$/.test(request)) {
    throw new UsageError(`no request line such as GET / HTTP/1.1: ${request.slice(0, 80)}`)
  }
  return { headers: headerFields(fields), proxyHeaders }
}

function proxyHeadersOf(bytes: Buffer): { headers: ProxyHeader[]; rest: Buffer } {
  const headers: ProxyHeader[] = []
  let rest = bytes
  while (headers.length < MAX_HEADERS) {
    const result = decode(withLineEnds(rest))
    if (result.status === 'malformed') {
      throw new UsageError(`the PROXY header: ${result.message} [${result.code}]`)
    }
    if (result.status !== 'complete') break
    headers.push(result.header)
    const lineFeedOnly = result.header.version === 1 && withLineEnds(rest) !== rest ? 1 : 0
    rest = rest.subarray(result.byteLength - lineFeedOnly)
  }
  return { headers, rest }
}

/** An editor ends a line of version 1 with a line feed alone. */
function withLineEnds(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\n')
  if (end < 1 || !bytes.subarray(0, 6).equals(Buffer.from('PROXY ')) || bytes[end - 1] === 13) {
    return bytes
  }
  return Buffer.concat([bytes.subarray(0, end), Buffer.from('\r'), bytes.subarray(end)])
}
