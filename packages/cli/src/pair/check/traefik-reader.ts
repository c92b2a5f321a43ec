import { EVERYBODY, type Sender, type Treatment, treatments } from './sender.js'
import { at, entries, texts } from './tree.js'

/** Traefik's static and dynamic files, taken together. */
export function readTraefik(documents: readonly unknown[]): Sender[] {
  const entryPoints = documents.flatMap((one) => entries(at(one, 'entryPoints')))
  const believed = (setting: string): readonly string[] =>
    entryPoints.flatMap(([, point]) =>
      at(point, setting, 'insecure') === true ? EVERYBODY : texts(at(point, setting, 'trustedIPs')),
    )
  const headersFrom = believed('forwardedHeaders')
  const trusts = [...new Set([...headersFrom, ...believed('proxyProtocol')])]
  const removed = documents.flatMap((one) =>
    entries(at(one, 'http', 'middlewares')).flatMap(([, middleware]) =>
      entries(at(middleware, 'headers', 'customRequestHeaders')),
    ),
  )
  const own: Treatment = headersFrom.length > 0 ? 'guarded' : 'set'
  const names = ['for', 'proto', 'host', 'port'].map((part) => `x-forwarded-${part}`)
  const found = new Map<string, Treatment>([...names, 'x-real-ip'].map((name) => [name, own]))
  for (const [name, value] of removed) found.set(name.toLowerCase(), value === '' ? 'clear' : 'set')
  return documents
    .flatMap((one) => [
      ...services(one, 'tcp').map(([name, service]) => tcp(name, service)),
      ...services(one, 'http').flatMap(([name, service]) =>
        servers(service, 'url').map((url) => ({
          ...blank(`service ${name}`, url.replace(/^https?:\/\//, '').replace(/\/$/, '')),
          http: true,
          treatment: treatments(found),
          trusts,
        })),
      ),
    ])
    .flat()
}

const services = (document: unknown, protocol: string) =>
  entries(at(document, protocol, 'services'))

function servers(service: unknown, field: string): string[] {
  const all = at(service, 'loadBalancer', 'servers')
  return (Array.isArray(all) ? all : []).flatMap((one) => texts([at(one, field)]))
}

function tcp(name: string, service: unknown): Sender[] {
  const proxy = at(service, 'loadBalancer', 'proxyProtocol') !== undefined
  return servers(service, 'address').map((to) => ({ ...blank(`service ${name}`, to), proxy }))
}

const blank = (place: string, to: string): Sender => ({
  place,
  to,
  http: false,
  proxy: false,
  treatment: treatments(new Map()),
  trusts: [],
  checksWithHeader: undefined,
})
