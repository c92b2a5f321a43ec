import { NAMED_RANGES } from '@truehop/ip'
import { lineWords, unreadIn, type Words } from './line-words.js'
import {
  EVERYBODY,
  type NotUnderstood,
  type Reading,
  type Sender,
  type Treatment,
  treatments,
} from './sender.js'

/** A directive of a Caddyfile with those inside it. */
interface Node {
  readonly line: number
  readonly words: readonly string[]
  readonly inside: Node[]
}

/** The directives of a Caddyfile that decide what `reverse_proxy` sends. */
export function readCaddyfile(text: string): Reading {
  const lines = lineWords(text)
  const notUnderstood = unreadIn(lines)
  const senders: Sender[] = []
  const top = nodesIn(lines, notUnderstood)
  const globalTrust = all(top).filter(({ words: [name, kind] }) => {
    return name === 'trusted_proxies' && kind === 'static'
  })
  const proxyHeadersFrom = listenerTrust(top)
  for (const site of top) {
    const nodes = all([site])
    for (const { line, words } of nodes) {
      if (UNREAD.test(words[0] ?? ''))
        notUnderstood.push({ place: String(line), text: words.join(' ') })
    }
    const headersFrom = globalTrust.flatMap(({ words }) => words.slice(2))
    const proxies = nodes.filter(({ words }) => words[0] === 'reverse_proxy')
    senders.push(
      ...proxies.flatMap((proxy) => sendersOf(proxy, nodes, headersFrom, proxyHeadersFrom)),
    )
  }
  return { senders, notUnderstood }
}

const UNREAD = /^(import|php_fastcgi|forward_auth|intercept|invoke)$/

function nodesIn(lines: readonly Words[], notUnderstood: NotUnderstood[]): Node[] {
  const top: Node[] = []
  const stack = [top]
  for (const { line, words } of lines) {
    if (words[0] === '}') {
      if (stack.length > 1) stack.pop()
      else notUnderstood.push({ place: String(line), text: '} where no block is open' })
      continue
    }
    const opens = words.at(-1) === '{'
    const node = { line, words: opens ? words.slice(0, -1) : words, inside: [] }
    stack.at(-1)?.push(node)
    if (opens) stack.push(node.inside)
  }
  if (stack.length > 1) {
    notUnderstood.push({ place: String(lines.at(-1)?.line), text: 'it ends within a block' })
  }
  return top
}

function all(nodes: readonly Node[]): Node[] {
  const found: Node[] = []
  const rest = [...nodes].reverse()
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    found.push(node)
    rest.push(...[...node.inside].reverse())
  }
  return found
}

/** Whose PROXY headers the listeners take: of nobody, unless `allow` or `fallback_policy` says so. */
function listenerTrust(top: readonly Node[]): readonly string[] {
  const wrappers = all(top).filter(({ words }) => words[0] === 'listener_wrappers')
  const settings = all(wrappers)
    .filter(({ words }) => words[0] === 'proxy_protocol')
    .flatMap(({ inside }) => inside)
  return settings.flatMap(({ words: [name, ...values] }) => {
    if (name === 'allow') return values.flatMap(rangesOf)
    const isOpen = name === 'fallback_policy' && /^(use|require)$/i.test(values[0] ?? '')
    return isOpen ? EVERYBODY : []
  })
}

function sendersOf(
  proxy: Node,
  site: readonly Node[],
  outerTrust: readonly string[],
  proxyHeadersFrom: readonly string[],
): Sender[] {
  const own = all(proxy.inside)
  const called = (name: string) => own.filter(({ words }) => words[0] === name)
  const inner = called('trusted_proxies').flatMap(({ words }) => words.slice(1))
  const trusts = (inner.length > 0 ? inner : outerTrust).flatMap(rangesOf)
  const found = new Map<string, Treatment>()
  requestHeaders(site, found)
  for (const name of ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']) {
    found.set(name, trusts.length > 0 ? 'guarded' : 'set')
  }
  for (const { words } of called('header_up')) addHeaderUp(words, found)
  const isProxy = called('proxy_protocol').length > 0
  const checks = called('health_uri').length + called('health_path').length > 0
  return proxy.words
    .slice(1)
    .filter(isUpstream)
    .map((to) => ({
      place: String(proxy.line),
      to: to.replace(/^https?:\/\//, ''),
      http: true,
      proxy: isProxy,
      treatment: treatments(found),
      trusts: [...new Set([...trusts, ...proxyHeadersFrom])],
      // Its own checks are requests of their own, without a client to name.
      checksWithHeader: checks ? false : undefined,
    }))
}

const isUpstream = (word: string): boolean => !/^[@/*]/.test(word)

const rangesOf = (word: string): readonly string[] =>
  word === 'private_ranges' ? [...NAMED_RANGES.loopback, ...NAMED_RANGES.private] : [word]

function requestHeaders(site: readonly Node[], found: Map<string, Treatment>): void {
  const guards = new Set(
    site.filter(({ words }) => isGuard(words.slice(1))).map(({ words }) => words[0]),
  )
  for (const { words } of site) {
    if (words[0] !== 'request_header') continue
    const [matcher] = words.slice(1)
    const isMatched = matcher?.startsWith('@') === true
    const [field = '', value] = words.slice(isMatched ? 2 : 1)
    // What holds for some requests only is not protection, unless it goes by the address.
    if (isMatched && !guards.has(matcher)) continue
    addRequestHeader(field.toLowerCase(), value, isMatched, found)
  }
}

const isGuard = (words: readonly string[]): boolean =>
  words[0] === 'remote_ip' || (words[0] === 'not' && words[1] === 'remote_ip')

function addRequestHeader(
  field: string,
  value: string | undefined,
  guarded: boolean,
  found: Map<string, Treatment>,
): void {
  const name = field.replace(/^[-+?>]/, '')
  const before = found.get(name)
  if (field.startsWith('-')) found.set(name, guarded ? 'guarded' : 'clear')
  else if (field.startsWith('+')) {
    if (before === undefined) found.set(name, 'append')
    else if (before === 'clear') found.set(name, 'set')
  } else if (value !== undefined) found.set(name, guarded ? 'guarded' : treatmentOf(value))
}

function addHeaderUp(
  [, field = '', value = '']: readonly string[],
  found: Map<string, Treatment>,
): void {
  const name = field.toLowerCase().replace(/^[-+?]/, '')
  if (field.startsWith('-')) found.set(name, 'clear')
  else if (field.startsWith('+')) found.set(name, found.get(name) === 'clear' ? 'set' : 'append')
  else found.set(name, treatmentOf(value))
}

/** What repeats a header of the request is the client's word. */
function treatmentOf(value: string): Treatment {
  const repeated = /\{(http\.request\.)?header\.(?!host\})[^{}]*\}/i.exec(value)
  if (repeated === null) return 'set'
  return repeated[0] === value ? 'pass' : 'append'
}
