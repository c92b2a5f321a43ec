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

/** HAProxy 2.4 or newer. */
export const haproxy: PairTarget = {
  name: 'haproxy',
  sends: EVERYTHING,
  file: 'haproxy.cfg',
  write(contract, ends) {
    return contract.sends === 'proxy-protocol' ? tcp(contract, ends) : http(contract, ends)
  },
}

function tcp(contract: HopContract, { listen, upstream }: Ends): Configuration {
  return {
    text: lines(
      'listen service',
      '  mode tcp',
      `  bind ${placeText(listen)}`,
      `  timeout connect ${seconds(contract)}s`,
      '  timeout client 1m',
      '  timeout server 1m',
      '  # The check sends a header too, of the kind LOCAL.',
      `  server service ${placeText(upstream)} send-proxy-v2 check check-send-proxy`,
    ),
    notes: [UNREAD_BY_TCP],
  }
}

function http(contract: HopContract, { listen, upstream }: Ends): Configuration {
  return {
    text: lines(
      'listen service',
      '  mode http',
      `  bind ${placeText(listen)}`,
      '  timeout connect 5s',
      '  timeout client 1m',
      '  timeout server 1m',
      contract.trusted.length > 0 ? `  acl from_hop src ${contract.trusted.join(' ')}` : undefined,
      ...contract.clear.map(clearLines),
      originalLines(contract),
      clientLines(contract),
      `  server service ${placeText(upstream)} check`,
    ),
    notes: ['For TLS add `ssl crt FILE` to the line `bind`.'],
  }
}

function clearLines({ name, keepFrom }: HopContract['clear'][number]): string[] {
  const condition = keepFrom.length > 0 ? ` unless { src ${keepFrom.join(' ')} }` : ''
  return [`  http-request del-header ${headerName(name)}${condition}`]
}

const VALUES = { proto: '%[ssl_fc,iif(https,http)]', host: '%[req.hdr(host)]', port: '%[dst_port]' }

function originalLines({ sends, original, trusted }: HopContract): string[] {
  if (sends === 'forwarded') return []
  const condition = trusted.length > 0 ? ' unless from_hop' : ''
  return original.map(
    (part) =>
      `  http-request set-header ${headerName(`x-forwarded-${part}`)} ${VALUES[part]}${condition}`,
  )
}

function clientLines({ sends, asserts, trusted, counted, original }: HopContract): string[] {
  const name = headerName(asserts)
  if (sends === 'single') return [`  http-request set-header ${name} %[src]`]
  const condition = trusted.length > 0 ? ' unless from_hop' : ''
  const drop = counted ? [] : [`  http-request del-header ${name}${condition}`]
  if (sends === 'x-forwarded-for') return [...drop, '  option forwardfor']
  const proto = original.includes('proto') ? `;proto=${VALUES.proto}` : ''
  return [
    ...drop,
    '  acl ipv4 src 0.0.0.0/0',
    `  http-request add-header ${name} for=%[src]${proto} if ipv4`,
    `  http-request add-header ${name} 'for="[%[src]]"${proto}' unless ipv4`,
  ]
}
