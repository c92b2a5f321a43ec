import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { certificate } from './certificate.js'
import { temporaryFolder } from './folder.js'
import { peerPath } from './peer.js'
import { freePort } from './ports.js'
import { type Service, startProgram } from './service.js'

/** One frontend on 127.0.0.1 with one server behind it. */
export interface HaproxyRoute {
  readonly mode: 'tcp' | 'http'
  /** Port on 127.0.0.1 of the server behind. */
  readonly to: number
  /** Words for the `server` line, e.g. `send-proxy-v2` or `ssl verify none`. */
  readonly server?: string
  /** Words for the `bind` line, e.g. `accept-proxy`. */
  readonly bind?: string
  /** Whether HAProxy ends TLS here, with the certificate of the run. */
  readonly tls?: boolean
  /** Lines for the frontend, e.g. `option forwardfor`. */
  readonly lines?: readonly string[]
  /** Lines for the backend, e.g. `option httpchk`. */
  readonly backend?: readonly string[]
}

export interface Haproxy<Name extends string> extends Service {
  /** The port on 127.0.0.1 on which each route accepts. */
  readonly ports: Readonly<Record<Name, number>>
}

/**
 * Starts one HAProxy with all the routes; it accepts on every port when this resolves. `program` is
 * its name in test/peers/peers.json.
 */
export async function startHaproxy<Name extends string>(
  routes: Readonly<Record<Name, HaproxyRoute>>,
  program = 'haproxy',
): Promise<Haproxy<Name>> {
  const ready = await freePort()
  const ports: Partial<Record<Name, number>> = {}
  const sections = [GLOBAL, readySection(ready)]
  for (const name in routes) {
    const port = await freePort()
    ports[name] = port
    sections.push(routeSection(name, port, routes[name]))
  }
  const path = peerPath(program)
  const folder = temporaryFolder('haproxy')
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, sections.join('\n'))
  const args = ['-db', '-f', file]
  const started = await startProgram({ path, args, readyPort: ready, readyAnswers: true, folder })
  return { ...started, ports: ports as Record<Name, number> }
}

/** One thread: the machine's cores belong to the tests. */
const GLOBAL = `global
  nbthread 1
  maxconn 200
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  timeout connect 5s
  timeout client 10s
  timeout server 10s
`

/** HAProxy binds every port before it answers on any; this one shows that without touching a route. */
const readySection = (port: number): string => `frontend ready
  mode http
  bind 127.0.0.1:${port}
  http-request return status 204
`

function routeSection(name: string, port: number, route: HaproxyRoute): string {
  const tls = route.tls === true ? ` ssl crt ${certificate().bothFile}` : ''
  return `frontend ${name}
  mode ${route.mode}
  bind 127.0.0.1:${port}${tls} ${route.bind ?? ''}
${indented(route.lines)}
  default_backend to-${name}
backend to-${name}
  mode ${route.mode}
${indented(route.backend)}
  server app 127.0.0.1:${route.to} ${route.server ?? ''}
`
}

const indented = (lines: readonly string[] = []): string =>
  lines.map((line) => `  ${line}`).join('\n')
