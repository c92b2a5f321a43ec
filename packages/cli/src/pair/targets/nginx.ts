import { headerName } from '@truehop/identity/adapter'
import { placeText } from '../../listen/listening.js'
import {
  type Configuration,
  type Ends,
  EVERYTHING,
  lines,
  type PairTarget,
  seconds,
  UNREAD_BY_TCP,
} from '../configuration.js'
import type { HopContract } from '../hop-contract.js'

/** PROXY headers are sent by its stream module, headers by its http module. */
export const nginx: PairTarget = {
  name: 'nginx',
  sends: EVERYTHING,
  file: 'nginx.conf',
  write(contract, ends) {
    return contract.sends === 'proxy-protocol' ? stream(contract, ends) : http(contract, ends)
  },
}

function stream(contract: HopContract, { listen, upstream }: Ends): Configuration {
  return {
    text: lines(
      'stream {',
      '  server {',
      `    listen ${placeText(listen)};`,
      `    proxy_pass ${placeText(upstream)};`,
      '    proxy_protocol on;',
      `    proxy_connect_timeout ${seconds(contract)}s;`,
      '  }',
      '}',
    ),
    notes: [
      UNREAD_BY_TCP,
      'nginx sends version 1 and no health checks of its own.',
      'Leave `set_real_ip_from` out of this server: the header would then name a client of one family and a server of the other, which receivers refuse.',
    ],
  }
}

/** A header's value that depends on who connects, as nginx writes it: blocks, and the variable. */
interface Value {
  readonly blocks: readonly string[]
  readonly text: string
}

function http(contract: HopContract, { listen, upstream }: Ends): Configuration {
  const fields = [client(contract), ...originals(contract), ...clears(contract)]
  return {
    text: lines(
      'http {',
      hopBlock('$truehop_hop', contract.trusted),
      fields.flatMap(({ value }) => value.blocks),
      '  server {',
      `    listen ${placeText(listen)};`,
      '    location / {',
      `      proxy_pass http://${placeText(upstream)};`,
      '      proxy_http_version 1.1;',
      '      proxy_set_header Host $http_host;',
      fields.map(({ name, value }) => `      proxy_set_header ${headerName(name)} ${value.text};`),
      '    }',
      '  }',
      '}',
    ),
    notes: [
      'A `location` with a `proxy_set_header` of its own inherits none of these: repeat them there.',
      'For TLS add `ssl` to the line `listen`, and the certificate.',
    ],
  }
}

interface Field {
  readonly name: string
  readonly value: Value
}

const plain = (text: string): Value => ({ blocks: [], text })

function client(contract: HopContract): Field {
  const { sends, asserts } = contract
  if (sends === 'single') return { name: asserts, value: plain('$remote_addr') }
  return { name: asserts, value: sends === 'forwarded' ? forwarded(contract) : listed(contract) }
}

function listed({ trusted, counted }: HopContract): Value {
  if (counted) return plain('$proxy_add_x_forwarded_for')
  if (trusted.length === 0) return plain('$remote_addr')
  return byHop('$truehop_for', '$proxy_add_x_forwarded_for', '$remote_addr')
}

function forwarded({ trusted, counted, original }: HopContract): Value {
  const element = `for=$truehop_node${original.includes('proto') ? ';proto=$scheme' : ''}`
  const node = map('$remote_addr', '$truehop_node', [
    ['~:', '"\\"[$remote_addr]\\""'],
    ['default', '$remote_addr'],
  ])
  if (!counted && trusted.length === 0) return { blocks: node, text: `"${element}"` }
  const kept = counted ? plain('$http_forwarded') : byHop('$truehop_kept', '$http_forwarded', '""')
  const whole = map(kept.text, '$truehop_forwarded', [
    ['""', `"${element}"`],
    ['default', `"${kept.text}, ${element}"`],
  ])
  return { blocks: [...node, ...kept.blocks, ...whole], text: '$truehop_forwarded' }
}

const VALUES = { proto: '$scheme', host: '$http_host', port: '$server_port' }

function originals({ sends, original, trusted }: HopContract): Field[] {
  if (sends === 'forwarded') return []
  return original.map((part) => ({
    name: `x-forwarded-${part}`,
    value:
      trusted.length === 0
        ? plain(VALUES[part])
        : byHop(`$truehop_${part}`, `$http_x_forwarded_${part}`, VALUES[part]),
  }))
}

function clears({ clear }: HopContract): Field[] {
  return clear.map(({ name, keepFrom }, index) => {
    if (keepFrom.length === 0) return { name, value: plain('""') }
    const [from, kept] = [`$truehop_from_${index}`, `$truehop_kept_${index}`]
    const blocks = [
      ...hopBlock(from, keepFrom),
      ...map(from, kept, [
        ['1', `$http_${name.replaceAll('-', '_')}`],
        ['default', '""'],
      ]),
    ]
    return { name, value: { blocks, text: kept } }
  })
}

function byHop(variable: string, fromHop: string, else_: string): Value {
  const rows = [
    ['1', fromHop],
    ['default', else_],
  ] as const
  return { blocks: map('$truehop_hop', variable, rows), text: variable }
}

function hopBlock(variable: string, prefixes: readonly string[]): string[] {
  if (prefixes.length === 0) return []
  return [
    `  geo ${variable} {`,
    '    default 0;',
    ...prefixes.map((prefix) => `    ${prefix} 1;`),
    '  }',
  ]
}

function map(from: string, to: string, rows: readonly (readonly [string, string])[]): string[] {
  return [`  map ${from} ${to} {`, ...rows.map(([key, value]) => `    ${key} ${value};`), '  }']
}
