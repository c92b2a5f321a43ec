import { headerName } from '@truehop/identity/adapter'
import { placeText } from '../../listen/listening.js'
import { type Configuration, type Ends, lines, type PairTarget, seconds } from '../configuration.js'
import type { HopContract } from '../hop-contract.js'

/** Caddy 2.6 or newer; 2.7 where it sends PROXY headers. */
export const caddy: PairTarget = {
  name: 'caddy',
  sends: ['proxy-protocol', 'x-forwarded-for', 'forwarded', 'single'],
  file: 'Caddyfile',
  write(contract, ends) {
    return {
      text: lines(
        `http://:${ends.listen.port} {`,
        `  bind ${ends.listen.host}`,
        stranger('from_client', contract.trusted),
        '  route {',
        requestLines(contract),
        proxyLines(contract, ends),
        '  }',
        '}',
      ),
      notes: notes(contract),
    }
  },
}

function notes({ sends }: HopContract): Configuration['notes'] {
  const tls = 'For TLS write the name of the site in place of `http://`.'
  return sends === 'proxy-protocol'
    ? [
        tls,
        'Needs Caddy 2.7. Its own `health_uri` checks fail with PROXY headers, and take the service out of use: leave them out.',
      ]
    : [tls]
}

/** A matcher of every peer but the hops further out. */
function stranger(name: string, trusted: readonly string[]): string[] {
  return trusted.length === 0 ? [] : [`  @${name} not remote_ip ${trusted.join(' ')}`]
}

function requestLines(contract: HopContract): string[] {
  const kept = contract.clear.filter(({ name, keepFrom }) => keepFrom.length > 0 && !isOwn(name))
  return [
    ...kept.flatMap(({ name, keepFrom }, index) => [
      `  ${stranger(`stranger_${index}`, keepFrom)[0] ?? ''}`,
      `    request_header @stranger_${index} -${headerName(name)}`,
    ]),
    ...forwardedLines(contract),
    ...portLines(contract),
  ]
}

/** Caddy writes these itself, when it is through with the lines before. */
const isOwn = (name: string): boolean => /^x-forwarded-(for|proto|host)$/.test(name)

function forwardedLines({ sends, trusted, counted, original }: HopContract): string[] {
  if (sends !== 'forwarded') return []
  const matcher = trusted.length > 0 ? '@from_client ' : ''
  const proto = original.includes('proto') ? ';proto={scheme}' : ''
  return [
    ...(counted ? [] : [`    request_header ${matcher}-Forwarded`]),
    '    @ipv4 remote_ip 0.0.0.0/0',
    '    @ipv6 not remote_ip 0.0.0.0/0',
    `    request_header @ipv4 +Forwarded "for={remote_host}${proto}"`,
    `    request_header @ipv6 +Forwarded \`for="[{remote_host}]"${proto}\``,
  ]
}

function portLines({ sends, original, trusted }: HopContract): string[] {
  if (sends === 'forwarded' || !original.includes('port')) return []
  const matcher = trusted.length > 0 ? '@from_client ' : ''
  return [`    request_header ${matcher}X-Forwarded-Port {port}`]
}

function proxyLines(contract: HopContract, { upstream }: Ends): string[] {
  const { sends, asserts, trusted, counted, clear } = contract
  const whom = counted ? ['0.0.0.0/0', '::/0'] : trusted
  const isList = sends === 'x-forwarded-for'
  const drop = clear.filter(({ name, keepFrom }) => keepFrom.length === 0 || isOwn(name))
  return [
    `    reverse_proxy ${placeText(upstream)} {`,
    ...(isList && whom.length > 0 ? [`      trusted_proxies ${whom.join(' ')}`] : []),
    ...(sends === 'single' ? [`      header_up ${headerName(asserts)} {remote_host}`] : []),
    ...drop.map(({ name }) => `      header_up -${headerName(name)}`),
    ...transport(contract),
    '    }',
  ]
}

/** A header is sent once a connection, so that no connection may serve two clients. */
function transport(contract: HopContract): string[] {
  if (contract.sends !== 'proxy-protocol') return []
  return [
    '      transport http {',
    '        proxy_protocol v2',
    '        keepalive off',
    `        dial_timeout ${seconds(contract)}s`,
    '      }',
  ]
}
