/**
 * The walk, written the slow and plain way from its definition: every piece of evidence is split
 * into a list first, every rule and prefix is compared one by one. It shares no code with the
 * walk it is the oracle of; addresses here are IPv4 text only.
 */
export interface ReferenceRule {
  readonly from: readonly string[]
  readonly asserts: string
  readonly depth?: number
  readonly required?: boolean
}

export interface ReferenceEvidence {
  readonly peer: string
  readonly headers: Readonly<Record<string, string>>
  /** Source addresses of PROXY headers; null for LOCAL. */
  readonly proxyHeaders: readonly (string | null)[]
}

export function referenceWalk(
  rules: readonly ReferenceRule[],
  maxHops: number,
  evidence: ReferenceEvidence,
): { readonly client: string; readonly nodes: readonly string[] } {
  const unread = new Map<string, (string | null)[]>([
    ['proxy-protocol', [...evidence.proxyHeaders]],
  ])
  const absent = new Set(evidence.proxyHeaders.length === 0 ? ['proxy-protocol'] : [])
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip']) {
    const entries = entriesOf(name, evidence.headers[name] ?? '')
    unread.set(name, entries)
    if (entries.length === 0) absent.add(name)
  }
  const nodes = [evidence.peer]
  if (!isClient(evidence.peer)) return { client: 'undetermined', nodes }
  for (let read = 0; ; read++) {
    const [node = ''] = nodes
    const trusting = rules.filter((rule) => rule.from.some((prefix) => contains(prefix, node)))
    const rule = trusting.find(({ asserts }) => (unread.get(asserts) ?? []).length > 0)
    if (rule === undefined) {
      const isMissing = trusting.some((r) => r.required === true && absent.has(r.asserts))
      return { client: isMissing ? 'undetermined' : node, nodes }
    }
    if (read === maxHops) return { client: 'undetermined', nodes }
    const entries = unread.get(rule.asserts) ?? []
    const [entry] = entries.splice(0, rule.depth ?? 1).slice((rule.depth ?? 1) - 1)
    if (entry === null) return { client: node, nodes }
    if (entry === undefined || !isClient(entry)) return { client: 'undetermined', nodes }
    nodes.unshift(entry)
    if (rule.depth !== undefined) return { client: entry, nodes }
  }
}

function entriesOf(name: string, text: string): string[] {
  if (name === 'x-real-ip') return text.trim() === '' ? [] : [text.trim()]
  const elements = text.split(',').map((element) => element.trim())
  const present = elements.filter((element) => element !== '').reverse()
  return name === 'forwarded' ? present.map((e) => e.replace(/^for=/, '')) : present
}

/** IPv4 text of an address that one host can have. */
function isClient(text: string): boolean {
  const octets = text.split('.')
  const octet = (part: string) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256
  if (octets.length !== 4 || !octets.every(octet)) return false
  const isMulticast = Number(octets[0]) >= 224 && Number(octets[0]) < 240
  return !isMulticast && text !== '0.0.0.0' && text !== '255.255.255.255'
}

function contains(prefix: string, address: string): boolean {
  const [base = '', length = '32'] = prefix.split('/')
  return bits(base).slice(0, Number(length)) === bits(address).slice(0, Number(length))
}

function bits(address: string): string {
  return address
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('')
}
