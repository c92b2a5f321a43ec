import { ALLOW, LIMIT } from './app.js'
import { APART, type Cast } from './cast.js'
import { doorText, type Listening } from './listening.js'
import type { Site } from './site.js'
import type { Palette } from './terminal.js'

/** Who takes part, and the policy. */
export function introText(cast: Cast, sites: readonly Site[], { bold, dim }: Palette): string {
  const apps = sites.map(({ name, app }) => `  ${name.padEnd(9)}${doorsText(app)}`)
  return [
    bold('One client identity, whatever path a request takes'),
    '',
    ...(cast === APART ? [] : [`${dim(SHARED)}`, '']),
    `  client   ${cast.client.padEnd(16)}claims whatever it likes`,
    `  edge     ${cast.edge.padEnd(16)}HTTP proxy, appends to X-Forwarded-For (XFF)`,
    `  relay    ${cast.relay.padEnd(16)}TCP proxy, writes PROXY headers, version 1 and 2`,
    ...apps,
    '',
    '  definePolicy({',
    '    hops: [',
    `      { name: 'relay', from: ['${cast.relay}'], asserts: 'proxy-protocol' },`,
    `      { name: 'edge',  from: ['${cast.edge}'], asserts: 'x-forwarded-for' },`,
    '    ],',
    "    proxyProtocol: { direct: 'accept' },",
    '  })',
    '',
    `  allowlist: ${ALLOW.join(', ')}; limit: ${LIMIT.limit} requests in ${LIMIT.window} s for each client`,
  ].join('\n')
}

const SHARED =
  'This machine has one IPv4 loopback address (macOS): edge and relay share ::1, the client has 127.0.0.1.'

function doorsText({ doors }: Listening): string {
  return doors.map(doorText).join(' and ')
}
