// What the four cost at least: the same for this one service, written by hand. One proxy layout, one
// list of IPv4 networks, one limit with a fixed window, a record of fixed fields; no options, no
// checks of them, no evidence of how anything was decided, no IPv6.

import Fastify, { LogController } from 'fastify'

const WINDOW = 60_000
const LIMIT = 1_000_000_000

/** IPv4 text as a number; -1 for anything else. */
function words(text) {
  let [address, part, digits] = [0, 0, 0]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 46) {
      if (digits === 0) return -1
      address = (address << 8) | part
      part = digits = 0
    } else if (code < 48 || code > 57 || ++digits > 3) return -1
    else part = part * 10 + code - 48
  }
  return digits === 0 || part > 255 ? -1 : ((address << 8) | part) >>> 0
}

/** 127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12. */
function isTrusted(address) {
  const first = address >>> 24
  return first === 127 || first === 10 || address >>> 20 === 0xac1
}

const HEADER = Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex')
const CLIENT = Symbol('client')

/** A receiver of PROXY headers: version 2 over IPv4 in one piece, no deadline, no limits, no counts. */
export function floorReceiver(server) {
  const listeners = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket) => {
    if (!isTrusted(words(socket.remoteAddress))) return socket.destroy()
    socket.on('error', ignore)
    socket.once('readable', () => {
      const chunk = socket.read()
      if (chunk === null || chunk.compare(HEADER, 0, 16, 0, 16) !== 0) return socket.destroy()
      const client = `${chunk[16]}.${chunk[17]}.${chunk[18]}.${chunk[19]}`
      socket[CLIENT] = { client, port: chunk.readUInt16BE(24) }
      socket.unshift(chunk.subarray(28))
      process.nextTick(() => {
        socket.removeListener('error', ignore)
        for (const listener of listeners) listener.call(server, socket)
      })
    })
  })
}

function ignore() {}

/** From the peer on, from right to left, until an address is not trusted; undefined for garbage. */
function clientOf(request) {
  let client = request.socket.remoteAddress ?? ''
  const header = request.headers['x-forwarded-for'] ?? ''
  for (let end = header.length; end > 0; ) {
    if (!isTrusted(words(client))) return client
    const comma = header.lastIndexOf(',', end - 1)
    client = header.slice(comma + 1, end).trim()
    if (words(client) < 0) return undefined
    end = comma
  }
  return client
}

/** What a route answers that looks at its client and at nothing else. */
export function handwrittenIdentity(request) {
  return clientOf(request.raw) === undefined ? '' : 'ok'
}

/** The networks of a list as a table of their /24. */
function networks(prefixes) {
  const table = new Set()
  for (const prefix of prefixes) table.add(words(prefix.split('/')[0]) >>> 8)
  return table
}

class Counter {
  #counts = new Map()
  #until = 0

  /** How often the client came in this window; seconds until it ends. */
  count(client) {
    const now = performance.now()
    if (now >= this.#until) {
      this.#counts.clear()
      this.#until = now + WINDOW
    }
    const used = (this.#counts.get(client) ?? 0) + 1
    this.#counts.set(client, used)
    return { used, seconds: Math.ceil((this.#until - now) / 1000) }
  }
}

/** With pino, as Fastify brings it. */
export function floorServer(prefixes, stream) {
  const app = Fastify({
    logger: { stream },
    logController: new LogController({ disableRequestLogging: true }),
  })
  return withFour(app, prefixes, (request, reply) => {
    request.log.info(
      {
        client: request.client,
        peer: request.socket.remoteAddress,
        method: request.method,
        path: request.url,
        route: request.routeOptions.url,
        status: reply.statusCode,
        bytes: Number(reply.getHeader('content-length')),
        seconds: reply.elapsedTime / 1000,
        userAgent: request.headers['user-agent'],
      },
      'access',
    )
  })
}

/** With a line of text in place of a record. */
export function plainFloorServer(prefixes, stream) {
  return withFour(Fastify(), prefixes, (request, reply) => {
    const { method, url } = request
    const length = reply.getHeader('content-length')
    const agent = JSON.stringify(request.headers['user-agent'] ?? '-')
    stream.write(
      `${request.client} - - [${new Date().toISOString()}] ${JSON.stringify(`${method} ${url}`)} ${reply.statusCode} ${length} ${agent}\n`,
    )
  })
}

function withFour(app, prefixes, record) {
  const denied = networks(prefixes)
  const counter = new Counter()
  app.decorateRequest('client', '')
  app.addHook('onRequest', (request, reply, done) => {
    const client = clientOf(request.raw)
    if (client === undefined) return reply.code(400).send()
    request.client = client
    if (denied.has(words(client) >>> 8)) return reply.code(403).send()
    const { used, seconds } = counter.count(client)
    reply.header('ratelimit-policy', `"default";q=${LIMIT};w=60`)
    reply.header('ratelimit', `"default";r=${Math.max(0, LIMIT - used)};t=${seconds}`)
    if (used > LIMIT) return reply.code(429).send()
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    record(request, reply)
    done()
  })
  return app
}
