import { closeSync, openSync, writeSync } from 'node:fs'
import { parseAddress } from '@truehop/ip'
import { encode, type ProxyHeader } from '@truehop/proxy-protocol'
import type { Http2Request, Layer } from '../dissect/dissection.js'
import { messageOf, UsageError } from '../program/usage-error.js'
import { CLAIMS } from '../suggest/headers.js'
import type { Connection, SeenConnection } from './first-bytes-server.js'

/** A file of evidence, one JSON object a line, as `explain` and `suggest` read it. */
export interface EvidenceRecord {
  connection(seen: SeenConnection): void
  further(seen: SeenConnection, request: Http2Request): void
  close(): void
}

/**
 * Appends to a file that only its owner can read.
 *
 * @throws {UsageError} if it cannot be written.
 */
export function recordTo(file: string): EvidenceRecord {
  const descriptor = opened(file)
  let isOpen = true
  const write = (line: object): void => {
    if (isOpen) writeSync(descriptor, `${JSON.stringify(line)}\n`)
  }
  return {
    connection: (seen) => write(connectionLine(seen)),
    further: (seen, { headers }) => write({ ...from(seen), headers: kept(headers) }),
    close() {
      isOpen = false
      closeSync(descriptor)
    },
  }
}

function opened(file: string): number {
  try {
    return openSync(file, 'a', 0o600)
  } catch (error) {
    throw new UsageError(`--record ${file} cannot be written: ${messageOf(error)}`)
  }
}

function connectionLine(seen: SeenConnection): object {
  return { ...from(seen), headers: kept(layersOf(seen).flatMap(headersOf)) }
}

/** PROXY headers count for every request of their connection. */
function from(seen: Connection & SeenConnection): object {
  const proxy = layersOf(seen).flatMap((layer) => (layer.kind === 'proxy' ? [layer.header] : []))
  const peer = seen.peer === undefined ? undefined : (parseAddress(seen.peer)?.text ?? seen.peer)
  return { peer, proxy: proxy.map(hexOf) }
}

function layersOf({ outside, inside }: SeenConnection): readonly Layer[] {
  return [...outside.layers, ...(inside !== undefined && 'layers' in inside ? inside.layers : [])]
}

function headersOf(layer: Layer): readonly (readonly [string, string])[] {
  if (layer.kind === 'http') return layer.head.headers
  return layer.kind === 'http2' ? (layer.request?.headers ?? []) : []
}

const hexOf = (header: ProxyHeader): string => encode(header).toString('hex')

/** What tells platforms and health checks apart. */
const KEPT =
  /^(?:x-forwarded-.*|via|user-agent|x-fd-healthprobe|.*-trace-id|x-arr-log-id|rndr-id|x-azure-fdid)$/

/**
 * Credentials are not written: only headers in which proxies speak are kept, and those whose value
 * is nothing but addresses. Repeated lines stay in their order.
 */
function kept(lines: readonly (readonly [string, string])[]): { [name: string]: string[] } {
  const fields: { [name: string]: string[] } = Object.create(null)
  for (const [written, value] of lines) {
    const name = written.toLowerCase()
    if (!KEPT.test(name) && !CLAIMS.includes(name) && !isAddresses(value)) continue
    const values = fields[name] ?? []
    values.push(value)
    fields[name] = values
  }
  return fields
}

function isAddresses(value: string): boolean {
  const address = value.trim().replace(/:\d{1,5}$/, '')
  return parseAddress(value.trim()) !== undefined || parseAddress(address) !== undefined
}
