import {
  type Endpoint,
  type ProxyHeader,
  SslSubtype,
  type Tlv,
  TlvType,
  tlvViews,
} from '@truehop/proxy-protocol'
import { counted } from '../output/counted.js'
import { hexText, printable, printableBytes } from '../output/printable.js'
import type { Layer } from './dissection.js'

/** Names by number, as in the specification. */
const TLV_NAMES = namesOf(TlvType)
const SSL_NAMES = namesOf(SslSubtype)

function namesOf(types: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(types).map(([name, type]) => [type, name]))
}

/** A layer as lines of text, each piece of the sender's own text escaped. */
export function describeLayer(layer: Layer): string[] {
  switch (layer.kind) {
    case 'proxy':
      return proxyLines(layer.header, layer.byteLength)
    case 'malformed':
      return [
        `malformed PROXY header at byte ${layer.offset}: ${printable(layer.message)} [${layer.code}]`,
        ...byteLines(layer.bytes),
      ]
    case 'tls': {
      const { serverName, alpn, versions, cipherSuites } = layer.hello
      const name =
        serverName === undefined ? 'no server name' : `server name ${printable(serverName)}`
      const protocols = alpn.length === 0 ? 'no ALPN' : `ALPN ${printable(alpn.join(', '))}`
      return [
        'TLS ClientHello',
        `  ${versions.join(', ')}; ${cipherSuites} cipher suites`,
        `  ${name}`,
        `  ${protocols}`,
      ]
    }
    case 'http': {
      const { method, target, version, headers } = layer.head
      return [
        `HTTP request  ${method} ${printable(target)} HTTP/${version}`,
        ...headers.map(headerLine),
      ]
    }
    case 'http2': {
      if (layer.request === undefined) return ['HTTP/2 connection preface']
      const { method, path, headers } = layer.request
      return [`HTTP/2 request  ${printable(method)} ${printable(path)}`, ...headers.map(headerLine)]
    }
    case 'other':
      return [counted(layer.bytes.length, 'other byte'), ...byteLines(layer.bytes)]
  }
}

const byteLines = (bytes: Buffer): string[] => [
  `  ${hexText(bytes)}`,
  `  ${printableBytes(bytes, 64)}`,
]

const headerLine = ([name, value]: readonly [string, string]): string =>
  `  ${printable(name)}: ${printable(value)}`

function proxyLines(header: ProxyHeader, byteLength: number): string[] {
  const { version, command, family, transport, source, destination, tlvs } = header
  const words = [`v${version}`, command, family, transport].join(' ')
  const lines = [`PROXY header  ${words}, ${counted(byteLength, 'byte')}`]
  if (source !== undefined) lines.push(`  source       ${endpointText(source)}`)
  if (destination !== undefined) lines.push(`  destination  ${endpointText(destination)}`)
  return [...lines, ...tlvs.flatMap(tlvLines)]
}

function endpointText(endpoint: Endpoint): string {
  if ('path' in endpoint) return `unix:${printable(endpoint.path)}`
  const { address, port } = endpoint
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function tlvLines(tlv: Tlv): string[] {
  const name = TLV_NAMES.get(tlv.type) ?? 'unknown'
  const head = `  TLV 0x${hexText(Uint8Array.of(tlv.type))} ${name}, ${counted(tlv.value.length, 'byte')}`
  if (tlv.type === TlvType.SSL) return [head, ...sslLines(tlv)]
  return [`${head}: ${tlvText(tlv)}`]
}

/** A value in words if its form is known, otherwise its bytes. */
function tlvText(tlv: Tlv): string {
  const views = tlvViews({ tlvs: [tlv] })
  const { alpn, authority, netns, crc32c, awsVpcEndpointId, azureLinkId, googlePscConnectionId } =
    views
  const text = alpn ?? authority ?? netns ?? awsVpcEndpointId
  if (text !== undefined) return printable(text)
  if (crc32c !== undefined) return `0x${crc32c.toString(16).padStart(8, '0')}`
  const id = azureLinkId ?? googlePscConnectionId
  return id === undefined ? hexText(tlv.value) : String(id)
}

function sslLines(tlv: Tlv): string[] {
  const ssl = tlvViews({ tlvs: [tlv] }).ssl
  if (ssl === undefined) return [`    ${hexText(tlv.value)}`]
  const words = [
    ssl.tls ? 'TLS' : 'no TLS',
    ...(ssl.certOnConnection ? ['certificate on this connection'] : []),
    ...(ssl.certInSession ? ['certificate in this session'] : []),
    `verify ${ssl.verify}`,
  ]
  const texts: readonly (readonly [number, string | undefined])[] = [
    [SslSubtype.VERSION, ssl.version],
    [SslSubtype.CN, ssl.cn],
    [SslSubtype.CIPHER, ssl.cipher],
    [SslSubtype.SIG_ALG, ssl.sigAlg],
    [SslSubtype.KEY_ALG, ssl.keyAlg],
  ]
  const subs = texts.flatMap(([type, text]) =>
    text === undefined ? [] : [`    ${SSL_NAMES.get(type) ?? ''}: ${printable(text)}`],
  )
  return [`    ${words.join(', ')}`, ...subs]
}

/** A layer as JSON shows it: bytes in hexadecimal, strings as they came. */
export function layerJson(layer: Layer): object {
  if (layer.kind === 'other' || layer.kind === 'malformed') {
    const { bytes, ...rest } = layer
    return { ...rest, byteLength: bytes.length, hex: hexText(bytes, 4096) }
  }
  if (layer.kind !== 'proxy') return layer
  const { header, ...rest } = layer
  const tlvs = header.tlvs.map((tlv) => {
    const { type, value } = tlv
    return { type, name: TLV_NAMES.get(type), hex: hexText(value, value.length), ...viewJson(tlv) }
  })
  return { ...rest, header: { ...header, tlvs } }
}

function viewJson(tlv: Tlv): object {
  const ssl = tlvViews({ tlvs: [tlv] }).ssl
  return ssl === undefined ? { text: tlvText(tlv) } : { ssl }
}
