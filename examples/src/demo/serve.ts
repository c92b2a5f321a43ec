import { isIPv6 } from 'node:net'
import { INSPECTOR } from './app.js'
import { doorText, type Listening } from './listening.js'
import type { AccessRecord } from './sightings.js'
import type { Site } from './site.js'
import type { Palette } from './terminal.js'

/** What to try while the demonstration keeps running. */
export function serveText(sites: readonly Site[], palette: Palette): string {
  return [
    palette.bold('Try it; each answer shows the walk. Ctrl-C ends the demonstration.'),
    ...sites.flatMap((site) => ['', palette.bold(site.name), ...triesOf(site, palette)]),
    '',
    'Access records:',
  ].join('\n')
}

function triesOf(site: Site, { dim }: Palette): string[] {
  const { cast, app, relayV1, relayV2, edge } = site
  const asClient = (to: Listening) => `http://${doorText(to.facing(cast.client))}/`
  const asRelay = `--interface ${cast.relay} http://${doorText(app.facing(cast.relay))}/`
  const posing = isIPv6(cast.relay) ? '2001:db8::7' : '198.51.100.7'
  const tries: [string, string][] = [
    ['directly', `curl ${asClient(app)}`],
    ['forging a header', `curl -H 'X-Forwarded-For: 203.0.113.99' ${asClient(app)}`],
    ['relay, PROXY v1', `curl ${asClient(relayV1)}`],
    ['relay, PROXY v2', `curl ${asClient(relayV2)}`],
    ['edge, relay', `curl ${asClient(edge)}`],
    ['as the relay', `curl --haproxy-protocol ${asRelay}`],
    ['as the relay, *', `curl --haproxy-clientip ${posing} ${asRelay}`],
    ['as anybody: 400', `curl -i --haproxy-protocol ${asClient(app)}`],
  ]
  return [
    ...tries.map(([what, line]) => `  ${what.padEnd(18)}${line}`),
    `  ${'in a browser'.padEnd(18)}${asClient(app)}${INSPECTOR.prefix.slice(1)}/  the inspector, live`,
    dim(`  * curl 8.2 and later: the header names ${posing}, which the allowlist lets in`),
  ]
}

/** One access record in a line. */
export function recordText(record: AccessRecord): string {
  const field = (name: string) => String(record[name] ?? '–')
  return [
    `  ${field('http.request.method')} ${field('url.path')}`.padEnd(24),
    field('http.response.status_code').padEnd(5),
    `peer ${field('network.peer.address')}`.padEnd(24),
    `client ${field('client.address')}`.padEnd(26),
    field('truehop.identity.reason'),
  ].join('')
}
