import { type Directive, nginxBlocks } from './nginx-blocks.js'
import { NginxValues } from './nginx-values.js'
import {
  type NotUnderstood,
  type Reading,
  type Sender,
  type Treatment,
  treatments,
} from './sender.js'

/** What a block hands on to those within it. */
interface Scope {
  readonly section: 'http' | 'stream' | undefined
  /** `proxy_set_header` of the innermost block that has any. */
  readonly fields: readonly Directive[]
  readonly proxyProtocol: boolean
  readonly trusts: readonly string[]
}

/**
 * The directives of an nginx.conf that decide what `proxy_pass` sends. Files that it includes are
 * not read; they are named as not understood, as is code that may change a request.
 *
 * @throws {UsageError} for text that is not an nginx.conf.
 */
export function readNginx(text: string): Reading {
  const top = nginxBlocks(text)
  const notUnderstood: NotUnderstood[] = []
  const values = new NginxValues(top)
  const upstreams = upstreamsIn(top)
  const senders: Sender[] = []
  const visit = (block: readonly Directive[], outer: Scope): void => {
    const scope = scopeOf(block, outer)
    for (const directive of block) {
      const [name = '', to = ''] = directive.words
      if (UNREAD.test(name) || repeatsProxyHeader(directive)) {
        notUnderstood.push(unreadable(directive))
      }
      if (name === 'proxy_pass') senders.push(...sendersOf(directive, to, scope, values, upstreams))
      if (directive.block !== undefined) visit(directive.block, within(directive, scope))
    }
  }
  visit(top, { section: undefined, fields: [], proxyProtocol: false, trusts: [] })
  return { senders, notUnderstood }
}

const UNREAD = /^(include|if|more_(set|clear)_input_headers|.*_by_lua.*|js_.*|perl.*)$/

/**
 * A value from the PROXY header of whoever connects: `set_real_ip_from` does not guard it, only what
 * stands before the port does.
 */
function repeatsProxyHeader({ words: [name = '', ...values] }: Directive): boolean {
  if (!/^(proxy_set_header|map|geo|set)$/.test(name)) return false
  return values.some((value) => /\$\{?proxy_protocol_(addr|port)\b/.test(value))
}

const unreadable = ({ line, words }: Directive): NotUnderstood => ({
  place: String(line),
  text: words.join(' '),
})

function scopeOf(block: readonly Directive[], outer: Scope): Scope {
  const called = (name: string) => block.filter(({ words }) => words[0] === name)
  const fields = called('proxy_set_header')
  const switches = called('proxy_protocol')
  const trusts = called('set_real_ip_from').flatMap(({ words }) => words[1] ?? [])
  return {
    section: outer.section,
    fields: fields.length > 0 ? fields : outer.fields,
    proxyProtocol: switches.length > 0 ? switches.at(-1)?.words[1] === 'on' : outer.proxyProtocol,
    trusts: trusts.length > 0 ? trusts : outer.trusts,
  }
}

function within({ words: [name] }: Directive, scope: Scope): Scope {
  return name === 'http' || name === 'stream' ? { ...scope, section: name } : scope
}

/** The servers of each `upstream` block. */
function upstreamsIn(block: readonly Directive[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const { words, block: inner = [] } of block) {
    if (words[0] === 'upstream') {
      const servers = inner.filter((one) => one.words[0] === 'server')
      found.set(
        words[1] ?? '',
        servers.map((one) => one.words[1] ?? ''),
      )
    } else {
      for (const [name, servers] of upstreamsIn(inner)) found.set(name, servers)
    }
  }
  return found
}

function sendersOf(
  { line }: Directive,
  to: string,
  { section, fields, proxyProtocol, trusts }: Scope,
  values: NginxValues,
  upstreams: ReadonlyMap<string, readonly string[]>,
): Sender[] {
  const http = section === 'http' || (section === undefined && /^https?:/.test(to))
  const place = String(line)
  const found = new Map<string, Treatment>()
  for (const { words } of fields) {
    const [, name = '', value = ''] = words
    found.set(name.toLowerCase(), values.treatment(name.toLowerCase(), value))
  }
  const [, scheme = '', host = ''] = /^(?:(https?):\/\/)?([^/]+)/.exec(to) ?? []
  return (upstreams.get(host) ?? [host]).map((server) => ({
    place,
    to: server.includes('$') ? undefined : withPort(server, scheme),
    http,
    proxy: !http && proxyProtocol,
    treatment: treatments(http ? found : new Map()),
    trusts,
    checksWithHeader: undefined,
  }))
}

function withPort(host: string, scheme: string): string {
  return /:\d+$/.test(host) ? host : `${host}:${scheme === 'https' ? 443 : 80}`
}
