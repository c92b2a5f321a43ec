import { ApacheHeaders } from './apache-headers.js'
import { type ApacheNode, apacheSections } from './apache-sections.js'
import { EVERYBODY, type NotUnderstood, type Reading, type Sender, treatments } from './sender.js'

/** What a server hands on to the virtual hosts and locations within it. */
interface Scope {
  /** The path of the innermost `<Location>`. */
  readonly path: string | undefined
  /** `RequestHeader` directives, the outer ones first. */
  readonly fields: readonly ApacheNode[]
  readonly locations: readonly ApacheNode[]
  /** `ProxyAddHeaders`. */
  readonly adds: boolean
  readonly remoteIp: boolean
  /** Of mod_remoteip; undefined without a list. */
  readonly believed: readonly string[] | undefined
}

const SERVER: Scope = {
  path: undefined,
  fields: [],
  locations: [],
  adds: true,
  remoteIp: false,
  believed: undefined,
}

/**
 * The directives of an httpd.conf that decide what `ProxyPass` sends; mod_proxy sends no PROXY
 * headers. Files that it includes are not read; they are named as not understood, as is what may
 * change a request under a condition.
 *
 * @throws {UsageError} for text that is not an httpd.conf.
 */
export function readApache(text: string): Reading {
  const notUnderstood: NotUnderstood[] = []
  const top = flattened(apacheSections(text), notUnderstood)
  const balancers = balancersIn(top)
  const senders: Sender[] = []
  const visit = (nodes: readonly ApacheNode[], outer: Scope): void => {
    const scope = scopeOf(nodes, outer)
    for (const node of nodes) {
      if (isUnread(node)) notUnderstood.push(unread(node))
      else if (/^proxypass(match)?$/.test(node.name)) {
        senders.push(...sendersOf(node, scope, balancers, notUnderstood))
      } else if (node.inside !== undefined && PLACES.has(node.name)) {
        visit(node.inside, node.name === 'location' ? { ...scope, path: node.args[0] } : scope)
      }
    }
  }
  visit(top, SERVER)
  return { senders, notUnderstood: onePerPlace(notUnderstood) }
}

/** Sections in which `ProxyPass` stands. */
const PLACES = new Set(['virtualhost', 'location', 'locationmatch'])

/** Sections whose content holds if something is installed or was asked for at the start. */
const SWITCHED = new Set(['ifmodule', 'ifversion', 'ifdefine', 'iffile', 'ifdirective'])

const UNREAD =
  /^(include|includeoptional|use|if|elseif|else|lua\w+|remoteip(trusted|internal)proxylist)$/

function isUnread({ name, args, inside }: ApacheNode): boolean {
  if (UNREAD.test(name)) return true
  // Whoever connects says who the client is: only what stands before the port can limit that.
  if (name === 'remoteipproxyprotocol') return args[0]?.toLowerCase() !== 'off'
  if (name === 'rewriterule') return /\[(?:[^\]]*,)?\s*(?:P|proxy)\s*[,\]]/i.test(args.join(' '))
  const isOpaque = name === 'locationmatch' || name === 'proxy' || name === 'proxymatch'
  return isOpaque && inside?.some((one) => one.name === 'requestheader') === true
}

const unread = ({ line, name, args }: ApacheNode): NotUnderstood => ({
  place: String(line),
  text: [name, ...args].join(' '),
})

/** A directive counts once, in however many places it is in force. */
function onePerPlace(all: readonly NotUnderstood[]): NotUnderstood[] {
  return [...new Map(all.map((one) => [`${one.place} ${one.text}`, one])).values()]
}

/** What a module brings is taken to be there; other switches are not understood, and taken too. */
function flattened(
  nodes: readonly ApacheNode[],
  notUnderstood: NotUnderstood[],
): readonly ApacheNode[] {
  return nodes.flatMap((node) => {
    if (node.inside === undefined) return [node]
    const inside = flattened(node.inside, notUnderstood)
    if (!SWITCHED.has(node.name)) return [{ ...node, inside }]
    const isModule = node.name === 'ifmodule' && node.args[0]?.startsWith('!') === false
    if (!isModule) notUnderstood.push(unread(node))
    return inside
  })
}

function scopeOf(nodes: readonly ApacheNode[], outer: Scope): Scope {
  const called = (...names: string[]) => nodes.filter(({ name }) => names.includes(name))
  const lists = called('remoteiptrustedproxy', 'remoteipinternalproxy')
  return {
    path: outer.path,
    // Those of a location come behind those of everything around it.
    fields: outer.path === undefined ? behind(outer.fields, called('requestheader')) : outer.fields,
    locations: behind(outer.locations, called('location')),
    adds: isOn(called('proxyaddheaders')) ?? outer.adds,
    remoteIp: called('remoteipheader').length > 0 || outer.remoteIp,
    believed: lists.length > 0 ? lists.flatMap(({ args }) => args) : outer.believed,
  }
}

/** Most sections add nothing, and share what is around them. */
const behind = <T>(outer: readonly T[], own: readonly T[]): readonly T[] =>
  own.length === 0 ? outer : [...outer, ...own]

const isOn = (switches: readonly ApacheNode[]): boolean | undefined =>
  switches.length === 0 ? undefined : switches.at(-1)?.args[0]?.toLowerCase() !== 'off'

/** The members of each `<Proxy "balancer://…">`. */
function balancersIn(nodes: readonly ApacheNode[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const { name, args, inside = [] } of nodes) {
    const [, balancer] = /^balancer:\/\/([^/]+)/i.exec(args[0] ?? '') ?? []
    if (name === 'proxy' && balancer !== undefined) {
      const members = inside.filter((one) => one.name === 'balancermember')
      found.set(
        balancer,
        members.map((one) => one.args[0] ?? ''),
      )
    } else {
      for (const [inner, members] of balancersIn(inside)) found.set(inner, members)
    }
  }
  return found
}

function sendersOf(
  node: ApacheNode,
  scope: Scope,
  balancers: ReadonlyMap<string, readonly string[]>,
  notUnderstood: NotUnderstood[],
): Sender[] {
  const [first = '', second = ''] = node.args
  // Within a location the path is that of the location.
  const isUrl = first === '!' || first.includes('://')
  const url = isUrl ? first : second
  if (url === '!') return []
  const path = isUrl || node.name === 'proxypassmatch' ? scope.path : first
  const headers = new ApacheHeaders()
  for (const field of fieldsFor(path, scope)) headers.apply(field)
  if (scope.adds) headers.addForwarded()
  notUnderstood.push(...headers.notUnderstood)
  const [, balancer] = /^balancer:\/\/([^/]+)/i.exec(url) ?? []
  const urls = balancer === undefined ? [url] : (balancers.get(balancer) ?? [])
  return urls.flatMap((one): Sender[] => {
    const to = upstreamOf(one)
    if (to === undefined) {
      notUnderstood.push(unread(node))
      return []
    }
    return [
      {
        place: String(node.line),
        to: to === '' ? undefined : to,
        http: true,
        proxy: false,
        treatment: treatments(headers.treatments),
        trusts: trustsOf(scope),
        checksWithHeader: undefined,
      },
    ]
  })
}

/** Those of the server, then of each `<Location>` that the path is in, as Apache merges them. */
function fieldsFor(path: string | undefined, { fields, locations }: Scope): ApacheNode[] {
  const around = locations.filter(({ args: [prefix = ''] }) => {
    return prefix === '/' || path === prefix || path?.startsWith(`${prefix.replace(/\/$/, '')}/`)
  })
  const inner = around.flatMap(({ inside = [] }) =>
    inside.filter(({ name }) => name === 'requestheader'),
  )
  return [...fields, ...inner]
}

/** Without a list, mod_remoteip believes whoever connects. */
const trustsOf = ({ remoteIp, believed }: Scope): readonly string[] =>
  remoteIp ? (believed ?? EVERYBODY) : []

const PORTS: ReadonlyMap<string, number> = new Map([
  ...(['http', 'ws', 'h2c'] as const).map((scheme) => [scheme, 80] as const),
  ...(['https', 'wss', 'h2'] as const).map((scheme) => [scheme, 443] as const),
])

/** HOST:PORT; '' where it is a Unix socket or a variable, undefined for what is not HTTP. */
function upstreamOf(url: string): string | undefined {
  const [, socket, scheme = '', host = ''] =
    /^(unix:[^|]*\|)?(\w+):\/\/([^/?#\s]*)/i.exec(url) ?? []
  const port = PORTS.get(scheme.toLowerCase())
  if (port === undefined) return undefined
  if (socket !== undefined || host.includes('$')) return ''
  return /:\d+$/.test(host) ? host : `${host}:${port}`
}
