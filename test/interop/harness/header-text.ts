import { type ProxyHeader, TlvType, tlvViews } from '@truehop/proxy-protocol'

const TLV_NAMES = new Map<number, string>(
  Object.entries(TlvType).map(([name, type]) => [Number(type), name]),
)

/** A header in one line, without what differs from run to run. */
export function headerText(header: ProxyHeader): string {
  const { version, command, family, transport } = header
  const kind = [`v${version}`, command, family, ...(transport === 'STREAM' ? [] : [transport])]
  const tlvs = header.tlvs.map(({ type }) => TLV_NAMES.get(type) ?? `0x${type.toString(16)}`)
  const ssl = tlvViews(header).ssl
  const tls =
    ssl === undefined
      ? []
      : [
          `TLS ${ssl.tls ? ssl.version : 'no'}`,
          ...(ssl.cipher === undefined ? [] : ['cipher']),
          ...(ssl.certOnConnection ? ['certificate'] : []),
          ...(ssl.cn === undefined ? [] : [`CN ${ssl.cn}`]),
        ]
  return [kind.join(' '), ...(tlvs.length === 0 ? [] : [tlvs.join('+')]), ...tls].join(', ')
}
