import { headerName } from '@truehop/identity/adapter'
import { placeText } from '../../listen/listening.js'
import { HEADERS, lines, type PairTarget } from '../configuration.js'
import type { HopContract } from '../hop-contract.js'

/** Apache httpd 2.4.10 or newer; its mod_proxy sends no PROXY headers. */
export const apache: PairTarget = {
  name: 'apache',
  sends: HEADERS,
  file: 'httpd.conf',
  write(contract, { listen, upstream }) {
    return {
      text: lines(
        `Listen ${placeText(listen)}`,
        `<VirtualHost ${placeText(listen)}>`,
        '  ProxyPreserveHost On',
        '  # What it would add by itself goes behind whatever the client wrote.',
        '  ProxyAddHeaders Off',
        contract.clear.map(
          ({ name, keepFrom }) => `  RequestHeader unset ${headerName(name)}${unless(keepFrom)}`,
        ),
        originalLines(contract),
        clientLines(contract),
        `  ProxyPass "/" "http://${placeText(upstream)}/"`,
        '</VirtualHost>',
      ),
      notes: ['Needs the modules proxy, proxy_http and headers.'],
    }
  },
}

/** A condition on who connects. */
function unless(prefixes: readonly string[]): string {
  if (prefixes.length === 0) return ''
  return ` "expr=!(${prefixes.map((prefix) => `-R '${prefix}'`).join(' || ')})"`
}

const VALUES = { proto: '%{REQUEST_SCHEME}', host: '%{HTTP_HOST}', port: '%{SERVER_PORT}' }

function originalLines({ sends, original, trusted }: HopContract): string[] {
  if (sends === 'forwarded') return []
  return original.map(
    (part) =>
      `  RequestHeader set ${headerName(`x-forwarded-${part}`)} "expr=${VALUES[part]}"${unless(trusted)}`,
  )
}

function clientLines({ sends, asserts, trusted, counted, original }: HopContract): string[] {
  const name = headerName(asserts)
  if (sends === 'single') return [`  RequestHeader set ${name} "expr=%{REMOTE_ADDR}"`]
  const drop = counted ? [] : [`  RequestHeader unset ${name}${unless(trusted)}`]
  if (sends === 'x-forwarded-for') {
    return [...drop, `  RequestHeader append ${name} "expr=%{REMOTE_ADDR}"`]
  }
  const proto = original.includes('proto') ? `;proto=${VALUES.proto}` : ''
  const [ipv4, ipv6] = ['"expr=%{REMOTE_ADDR} !~ /:/"', '"expr=%{REMOTE_ADDR} =~ /:/"']
  return [
    ...drop,
    `  RequestHeader append ${name} "expr=for=%{REMOTE_ADDR}${proto}" ${ipv4}`,
    `  RequestHeader append ${name} "expr=for=\\"[%{REMOTE_ADDR}]\\"${proto}" ${ipv6}`,
  ]
}
