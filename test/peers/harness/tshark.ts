import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './folder.js'
import { tcpCapture } from './pcap.js'
import { peerPath } from './peer.js'

/** What tshark's PROXY dissector names, without the words it finds inside SSL values. */
const FIELDS = [
  'proxy.v1.proto',
  'proxy.v2.version',
  'proxy.v2.cmd',
  'proxy.v2.addr_family_protocol',
  'proxy.v2.length',
  'proxy.src.ipv4',
  'proxy.dst.ipv4',
  'proxy.src.ipv6',
  'proxy.dst.ipv6',
  'proxy.srcport',
  'proxy.dstport',
  'proxy.v2.src.unix',
  'proxy.v2.dst.unix',
  'proxy.v2.tlv.type',
  'proxy.v2.tlv.length',
  'proxy.v2.tlv.value',
  'proxy.v2.tlv.ssl.client',
  'proxy.v2.tlv.ssl.verify',
  'proxy.v2.unknown',
  'proxy.bad_format',
  'proxy.header.length_too_small',
  '_ws.malformed',
]

const SSL_WORDS = ['version', 'cn', 'cipher', 'sig_alg', 'keu_alg'].map(
  (word) => `proxy.v2.tlv.ssl.${word}`,
)

/** Some ports of the capture belong to other protocols, which would be tried first. */
const BY_CONTENT = ['-o', 'tcp.try_heuristic_first:TRUE']

/** The fields that a dissection has; those that occur several times joined by `|`. */
export type Dissection = Readonly<Record<string, string>>

/** What tshark says of several connections, each of which begins with one of these payloads. */
export function dissect(payloads: readonly Uint8Array[], words = false): Dissection[] {
  const fields = words ? [...FIELDS, ...SSL_WORDS] : FIELDS
  const folder = temporaryFolder('tshark')
  try {
    const file = join(folder, 'headers.pcap')
    writeFileSync(file, tcpCapture(payloads, 7777))
    const format = ['separator=/t', 'occurrence=a', 'aggregator=|'].flatMap((part) => ['-E', part])
    const columns = fields.flatMap((field) => ['-e', field])
    const out = execFileSync(
      peerPath('tshark'),
      ['-n', ...BY_CONTENT, '-r', file, '-T', 'fields', ...format, ...columns],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 26 },
    )
    const lines = out.split('\n').slice(0, payloads.length)
    return lines.map((line) => fieldsOf(line.split('\t'), fields))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function fieldsOf(cells: readonly string[], fields: readonly string[]): Dissection {
  const found = cells.map((cell, index) => [fields[index], cell]).filter(([, cell]) => cell !== '')
  return Object.fromEntries(found)
}
