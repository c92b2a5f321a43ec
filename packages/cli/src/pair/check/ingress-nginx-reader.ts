import { NginxValues } from './nginx-values.js'
import { type NotUnderstood, type Sender, type Treatment, tcpSender, treatments } from './sender.js'
import { at, entries } from './tree.js'

/** What the ConfigMaps of ingress-nginx say, and which they are. */
export interface IngressNginx {
  readonly read: ReadonlySet<unknown>
  readonly senders: readonly Sender[]
  readonly notUnderstood: readonly NotUnderstood[]
}

/** The ConfigMap of the controller, with the one that it names, and that of TCP services. */
export function readIngressNginx(manifests: readonly unknown[]): IngressNginx {
  const maps = manifests.filter((manifest) => at(manifest, 'kind') === 'ConfigMap')
  const read = new Set<unknown>()
  const senders: Sender[] = []
  const notUnderstood: NotUnderstood[] = []
  for (const map of maps) {
    const data = at(map, 'data')
    const place = `ConfigMap ${nameOf(map)}`
    const ports = entries(data).filter(([port]) => /^\d+$/.test(port))
    senders.push(
      ...ports.map(([port, to]) => tcpSender(`${place} ${port}`, /:PROXY$/.test(String(to)))),
    )
    if (ports.length > 0) read.add(map)
    if (ports.length > 0 || !isOfController(data)) continue
    read.add(map)
    const named = at(data, 'proxy-set-headers')
    const fields = maps.find((other) => named !== undefined && isNamed(other, String(named)))
    if (fields !== undefined) read.add(fields)
    else if (named !== undefined) {
      notUnderstood.push({ place, text: `proxy-set-headers: ${String(named)}, not in this file` })
    }
    senders.push(controller(place, data, at(fields, 'data')))
  }
  return { read, senders, notUnderstood }
}

const nameOf = (map: unknown): string => String(at(map, 'metadata', 'name') ?? '')

/** `NAMESPACE/NAME`; a manifest may leave its namespace to whoever applies it. */
function isNamed(map: unknown, named: string): boolean {
  const [namespace, name] = named.split('/')
  const own = at(map, 'metadata', 'namespace')
  return nameOf(map) === name && (own === undefined || own === namespace)
}

const isOfController = (data: unknown): boolean =>
  ['use-forwarded-headers', 'use-proxy-protocol', 'proxy-set-headers'].some(
    (name) => at(data, name) !== undefined,
  )

/**
 * With `use-forwarded-headers` the client's address is taken from ranges only. Scheme, host and port
 * are taken from anybody: the controller does not look at who connects. Without it they are its own.
 * PROXY headers are taken from the same ranges.
 */
function controller(place: string, data: unknown, fields: unknown): Sender {
  const kept = String(at(data, 'use-forwarded-headers')) === 'true'
  const received = String(at(data, 'use-proxy-protocol')) === 'true'
  const cidrs = String(at(data, 'proxy-real-ip-cidr') ?? '0.0.0.0/0').split(',')
  const found = new Map<string, Treatment>()
  for (const name of ['x-forwarded-for', 'x-real-ip']) found.set(name, kept ? 'guarded' : 'set')
  for (const part of ['proto', 'host', 'port']) {
    found.set(`x-forwarded-${part}`, kept ? 'pass' : 'set')
  }
  const values = new NginxValues([])
  for (const [field, value] of entries(fields)) {
    const name = field.toLowerCase()
    // Beside what the controller sets by itself, another value is a second line of the same name.
    if (!found.has(name)) found.set(name, values.treatment(name, String(value)))
  }
  const treatment = treatments(found)
  return {
    ...tcpSender(place, false),
    http: true,
    treatment,
    trusts: kept || received ? cidrs : [],
  }
}
