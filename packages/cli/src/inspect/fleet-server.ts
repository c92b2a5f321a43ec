import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Fleet, fleetPage } from '@truehop/inspector/fleet'

/** Milliseconds after a reading for which it is shown to everybody who asks. */
const FRESH_MS = 2000

export interface FleetServer {
  readonly server: Server
  /** Below which path the page is: only who started it knows. */
  readonly path: string
}

/**
 * Serves the page on this machine, read anew at each load. What it shows is for the person who typed
 * the command: other users of the machine do not know the path, and a site whose name was made to
 * resolve to this machine (DNS rebinding) asks under a name that is not answered.
 */
export function fleetServer(read: () => Promise<Fleet>): FleetServer {
  const path = `/${randomBytes(18).toString('base64url')}/`
  let page: Promise<string> | undefined
  // While a reading goes on there is no end: a reload waits for that one, and starts no other.
  let until = Number.POSITIVE_INFINITY
  const current = (): Promise<string> => {
    if (page === undefined || performance.now() > until) {
      until = Number.POSITIVE_INFINITY
      page = read()
        .then(fleetPage)
        .finally(() => {
          until = performance.now() + FRESH_MS
        })
    }
    return page
  }
  const server = createServer((request, response) => {
    answer(request, response, path, current).catch(() => response.destroy())
  })
  server.requestTimeout = 10_000
  server.maxConnections = 32
  return { server, path }
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
} as const

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  page: () => Promise<string>,
): Promise<void> {
  const refuse = (status: number, text: string): void => {
    response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain' }).end(`${text}\n`)
  }
  if (!isOwnName(request.headers.host)) return refuse(421, 'not served under this name')
  if (!isSame(request.url ?? '', path)) return refuse(404, 'nothing here')
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'GET only')
  const text = await page()
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' })
  response.end(request.method === 'HEAD' ? undefined : text)
}

function isOwnName(host = ''): boolean {
  return /^(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/.test(host)
}

/** In the same time, wherever they differ. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
