import { headerText } from '@truehop/forwarded'
import type { Evidence } from '../walk/evidence.js'
import type { ClientIdentity } from '../walk/identity.js'
import { isPrivateText } from './infrastructure.js'

/** Elements looked at, from the right: a client can make a list as long as it likes. */
const MAX_ELEMENTS = 8
const MAX_LOOKS = 64

/** Headers in which platforms name a client, in addition to what the policy reads. */
const NAMING = [
  'fly-client-ip',
  'x-real-ip',
  'cf-connecting-ip',
  'do-connecting-ip',
  'true-client-ip',
  'x-azure-socketip',
  'x-nf-client-connection-ip',
  'x-vercel-forwarded-for',
  'cloudfront-viewer-address',
  '!~passenger-client-address',
] as const

/**
 * What the same request says beyond the decided client: the element left of it in
 * `X-Forwarded-For`, or the last one if the connection alone named the client. Undefined if the list
 * has no more. One request does not show whether the client wrote it or the hop before.
 */
export function unreadNeighbour(
  identity: ClientIdentity,
  { headers }: Evidence,
): string | undefined {
  const text = headerText(headers?.['x-forwarded-for'])
  if (text === undefined || identity.status === 'undetermined') return undefined
  const elements = lastElements(text)
  const isOfConnection = identity.source === 'socket' || identity.source === 'proxy-protocol'
  const at = isOfConnection
    ? 0
    : 1 + elements.findIndex((element) => addressOf(element) === identity.ip)
  const neighbour = at === 0 && !isOfConnection ? undefined : elements[at]
  // An office's forward proxy writes internal addresses: that is still one client.
  return neighbour === undefined || isPrivateText(neighbour) ? undefined : neighbour
}

/** Headers that only one platform writes, as far as is known. */
const MARKS: readonly (readonly [header: string, platform: string])[] = [
  ['fly-client-ip', 'fly'],
  ['x-railway-edge', 'railway'],
  ['do-connecting-ip', 'digitalocean-app-platform'],
  ['rndr-id', 'render'],
  ['x-nf-client-connection-ip', 'netlify'],
  ['x-vercel-id', 'vercel'],
  ['x-azure-fdid', 'azure-front-door'],
  ['x-appgw-trace-id', 'azure-application-gateway'],
  ['x-arr-log-id', 'azure-app-service'],
  ['x-amz-cf-id', 'aws-cloudfront'],
  ['x-amzn-trace-id', 'aws-alb'],
  ['!~passenger-client-address', 'passenger'],
]

/**
 * The platform that a header of its own suggests. A client can send it too, so it is good only for
 * advice.
 */
export function platformMarked({ headers }: Evidence): string | undefined {
  return MARKS.find(([header]) => headers?.[header] !== undefined)?.[1]
}

/** Whether a platform's own header names the same party as the unread element. */
export function isCorroborated(neighbour: string, { headers }: Evidence): boolean {
  const address = addressOf(neighbour)
  return NAMING.some((name) => {
    const text = headerText(headers?.[name])
    return text !== undefined && (text === address || text.startsWith(`${address}:`))
  })
}

/** The last elements, rightmost first. */
function lastElements(text: string): string[] {
  const elements: string[] = []
  let end = text.length
  // The number of commas is bounded too: an empty element costs a look as well.
  for (let looks = 0; end > 0 && looks < MAX_LOOKS && elements.length < MAX_ELEMENTS; looks++) {
    const comma = text.lastIndexOf(',', end - 1)
    const element = text.slice(comma + 1, end).trim()
    if (element !== '') elements.push(element)
    end = comma
  }
  return elements
}

/** Without port and brackets, as far as needed to tell elements apart. */
function addressOf(element: string): string {
  if (element.startsWith('[')) return element.slice(1, element.indexOf(']'))
  const colon = element.indexOf(':')
  return colon !== -1 && colon === element.lastIndexOf(':') ? element.slice(0, colon) : element
}
