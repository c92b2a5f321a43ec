import { headerName } from '@truehop/identity/adapter'
import { placeText } from '../../listen/listening.js'
import { EVERYTHING, lines, type PairTarget, seconds } from '../configuration.js'
import type { ClearedHeader, HopContract } from '../hop-contract.js'

/** Varnish 6.0 or newer. */
export const varnish: PairTarget = {
  name: 'varnish',
  sends: EVERYTHING,
  file: 'default.vcl',
  write(contract, { listen, upstream }) {
    const isProxy = contract.sends === 'proxy-protocol'
    return {
      text: lines(
        'vcl 4.1;',
        `# varnishd -a ${placeText(listen)} -f default.vcl`,
        'import std;',
        'backend service {',
        `  .host = "${upstream.host}";`,
        `  .port = "${upstream.port}";`,
        `  .connect_timeout = ${seconds(contract)}s;`,
        isProxy ? '  .proxy_header = 2;' : undefined,
        '}',
        contract.sends === 'forwarded' ? acl('ipv4', ['0.0.0.0/0']) : [],
        acl('from_hop', contract.trusted),
        contract.clear.flatMap(({ keepFrom }, index) => acl(`from_${index}`, keepFrom)),
        'sub vcl_recv {',
        contract.clear.flatMap(clearLines),
        originalLines(contract),
        clientLines(contract),
        '  # An answer is for one client only: remove this for what may be cached.',
        '  return (pass);',
        '}',
      ),
      notes: [
        'Varnish does not terminate TLS: the client is what connects to it, or what a PROXY header names (`-a ADDRESS,PROXY`).',
      ],
    }
  },
}

function acl(name: string, prefixes: readonly string[]): string[] {
  if (prefixes.length === 0) return []
  const entries = prefixes.map((prefix) => {
    const [address, length] = prefix.split('/')
    return `  "${address}"${length === undefined ? '' : `/${length}`};`
  })
  return [`acl ${name} {`, ...entries, '}']
}

function clearLines({ name, keepFrom }: ClearedHeader, index: number): string[] {
  return unless(keepFrom, `from_${index}`, `unset req.http.${headerName(name)};`)
}

function unless(trusted: readonly string[], name: string, statement: string): string[] {
  return [trusted.length === 0 ? `  ${statement}` : `  if (client.ip !~ ${name}) { ${statement} }`]
}

const VALUES = { proto: '"http"', host: 'req.http.Host', port: 'std.port(server.ip)' }

function originalLines({ sends, original, trusted }: HopContract): string[] {
  if (sends === 'forwarded') return []
  return original.flatMap((part) => {
    const name = headerName(`x-forwarded-${part}`)
    return unless(trusted, 'from_hop', `set req.http.${name} = ${VALUES[part]};`)
  })
}

/** Varnish has extended `X-Forwarded-For` before it comes here. */
function clientLines({ sends, asserts, trusted, counted, original }: HopContract): string[] {
  const name = `req.http.${headerName(asserts)}`
  if (sends === 'proxy-protocol') return []
  if (sends === 'single') return [`  set ${name} = client.ip;`]
  if (sends === 'x-forwarded-for') {
    return counted ? [] : unless(trusted, 'from_hop', `set ${name} = client.ip;`)
  }
  const proto = original.includes('proto') ? ' + ";proto=http"' : ''
  return [
    `  std.collect(${name}, ", ");`,
    ...(counted ? [] : unless(trusted, 'from_hop', `unset ${name};`)),
    `  if (${name}) { set ${name} = ${name} + ", "; }`,
    '  if (client.ip ~ ipv4) {',
    `    set ${name} = ${name} + "for=" + client.ip${proto};`,
    '  } else {',
    `    set ${name} = ${name} + {"for="["} + client.ip + {"]""}${proto};`,
    '  }',
  ]
}
