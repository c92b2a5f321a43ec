import { parseAddress } from '@truehop/ip'

/** Letters that a registered name or IPv4 address has, RFC 3986 section 3.2.2; at most 255. */
const NAME = /^([A-Za-z0-9._~-]{1,255})(?::(\d{0,5}))?$/
const IPV6 = /^(\[([0-9A-Fa-f:.]{2,45})\])(?::(\d{0,5}))?$/

/**
 * A host with an optional port that can be put into a URL, a log or a redirect as it is, in lower
 * case; undefined for anything else (user information, paths, control characters, brackets around
 * no IPv6 address, ports above 65535 or in letters). An empty port counts as none, RFC 3986 section
 * 3.2.3.
 */
export function parseHost(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const [, name, namePort] = NAME.exec(text) ?? []
  if (name !== undefined) return hostText(name, namePort)
  const [, literal, address = '', port] = IPV6.exec(text) ?? []
  return literal === undefined || parseAddress(address) === undefined
    ? undefined
    : hostText(literal, port)
}

function hostText(host: string, port = ''): string | undefined {
  if (port === '') return host.toLowerCase()
  return Number(port) > 65_535 ? undefined : `${host.toLowerCase()}:${port}`
}

/** `http` or `https`, in any case; WebSocket's `ws` and `wss` mean the same connections. */
export function parseScheme(text: string | undefined): 'http' | 'https' | undefined {
  const scheme = text?.toLowerCase()
  if (scheme === 'https' || scheme === 'wss') return 'https'
  return scheme === 'http' || scheme === 'ws' ? 'http' : undefined
}

/** One to five digits up to 65535, as text. */
export function parsePort(text: string | undefined): string | undefined {
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535
    ? text
    : undefined
}
