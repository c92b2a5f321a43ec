import { type ProxyHeader, TlvType, tlvViews } from '@truehop/proxy-protocol'

/** From 0xE0 on a type means what the sender says: one number has several meanings. */
const FIRST_CUSTOM = 0xe0

const TLV_NAMES = new Map<number, string>(
  Object.entries(TlvType)
    .filter(([, type]) => type < FIRST_CUSTOM)
    .map(([name, type]) => [type, name]),
)

/** Where the programs of the suite listen: not worth a word. */
const OWN = ['127.0.0.1', '::1']

/** A header in one line, without what differs from run to run. */
export function headerText(header: ProxyHeader): string {
  const { version, command, family, transport } = header
  const kind = [
    `v${version}`,
    command,
    family,
    ...(transport === family || transport === 'STREAM' ? [] : [transport]),
  ]
  const to =
    header.destination !== undefined && 'address' in header.destination
      ? header.destination.address
      : ''
  if (to !== '' && !OWN.includes(to)) kind.push(`to ${to}`)
  const tlvs = header.tlvs.map(({ type }) => TLV_NAMES.get(type) ?? `0x${type.toString(16)}`)
  const ssl = tlvViews(header).ssl
  const tls =
    ssl === undefined
      ? []
      : [
          ssl.tls ? String(ssl.version) : 'no TLS',
          ...(ssl.cipher === undefined ? [] : ['cipher']),
          ...(ssl.certOnConnection ? ['certificate'] : []),
          ...(ssl.cn === undefined ? [] : [`CN ${ssl.cn}`]),
        ]
  return [kind.join(' '), ...(tlvs.length === 0 ? [] : [tlvs.join('+')]), ...tls].join(', ')
}
