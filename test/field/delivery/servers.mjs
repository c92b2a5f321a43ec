// Servers of every kind, each of which writes down what it sees of its one connection.

import { readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttp2, createSecureServer } from 'node:http2'
import { createServer as createHttps } from 'node:https'
import { createServer as createNet } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { CASES } from './frames.mjs'
import { HTTP, RAW } from './payloads.mjs'

/** A key with its self-signed certificate. It protects nothing. */
export const PEM = readFileSync(
  new URL('../../../packages/proxy-protocol/test/fixtures/localhost.pem', import.meta.url),
)
const TLS = { key: PEM, cert: PEM }

/** What a server saw: events in their order, the bytes between two of them joined. */
export class Log {
  entries = []

  event(name, detail = '') {
    this.entries.push(`${name} ${detail}`.trim())
  }

  bytes(of, chunk) {
    const last = this.entries.at(-1)
    const text = chunk.toString('latin1')
    if (last?.startsWith(`${of}: `)) this.entries[this.entries.length - 1] = last + text
    else if (text !== '') this.entries.push(`${of}: ${text}`)
  }

  watch(stream, of) {
    stream.on('end', () => this.event(`${of} end`))
    stream.on('error', (error) => this.event(`${of} error`, error.code))
    stream.on('close', () => this.event(`${of} close`))
  }
}

/** Reads as it comes, and answers at the end. */
function flowing(log) {
  return (socket) => {
    log.event('connection')
    log.watch(socket, 'socket')
    socket.on('data', (chunk) => log.bytes('data', chunk))
    socket.on('end', () => socket.end('answer'))
  }
}

/** Listens at once and reads later, as whoever asked for `pauseOnConnect` does. */
function later(log) {
  return (socket) => {
    log.event(socket.isPaused() ? 'paused' : 'not paused')
    flowing(log)(socket.pause())
    setTimeout(() => socket.resume(), 5)
  }
}

/** Pulls. */
function pulling(log) {
  return (socket) => {
    log.event('connection')
    log.watch(socket, 'socket')
    socket.on('readable', () => {
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
        log.bytes('data', chunk)
      }
    })
    socket.on('end', () => socket.end('answer'))
  }
}

/** Speaks first. */
function greeting(log) {
  return (socket) => {
    socket.write('greeting')
    flowing(log)(socket)
  }
}

async function iterating(log, socket) {
  log.event('connection')
  socket.on('error', (error) => log.event('socket error', error.code))
  socket.on('close', () => log.event('socket close'))
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) log.bytes('data', chunk)
    log.event('iterated')
    socket.end('answer')
  } catch (error) {
    log.event('iteration', error instanceof Error && 'code' in error ? error.code : error)
  }
}

/**
 * Requests with their bodies, upgrades and tunnels with what comes through them. `bans`: the first
 * request has its connection destroyed.
 */
function requests(log, server, { answersFirst = false, bans = false } = {}) {
  server.on('request', (request, response) => {
    const of = `[${request.url}]`
    log.event(of, `${request.method} ${request.httpVersion}`)
    if (bans) request.socket.destroy()
    response.sendDate = false
    const answer = () => response.end(`answer to ${request.url}`)
    if (answersFirst) answer()
    request.on('data', (chunk) => log.bytes(`${of} body`, chunk))
    request.on('end', () => {
      log.event(of, `end ${JSON.stringify(request.trailers)}`)
      if (!answersFirst) answer()
    })
    request.on('aborted', () => log.event(of, 'aborted'))
    request.on('error', (error) => log.event(of, `error ${error.code}`))
    response.on('close', () => log.event(of, `close ${response.writableFinished}`))
  })
  server.on('clientError', (error, socket) => {
    log.event('clientError', error.code)
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    else socket.destroy()
  })
  for (const event of ['upgrade', 'connect'])
    server.on(event, (request, socket, head) => tunnel(log, event, request, socket, head))
}

function tunnel(log, event, request, socket, head) {
  log.event(event, `${request.method} ${request.url}`)
  log.bytes('tunnel', head)
  log.watch(socket, 'tunnel')
  socket.write('HTTP/1.1 200 tunnel\r\n\r\n')
  socket.on('data', (chunk) => log.bytes('tunnel', chunk))
  socket.on('end', () => socket.end('answer'))
}

/** Requests of HTTP/2 by the interface that is like the one of HTTP/1; each line with its stream. */
function http2Requests(log, server) {
  server.on('request', (request, response) => {
    const of = `[${request.stream.id}]`
    log.event(of, `request ${request.method} ${request.url}`)
    request.on('data', (chunk) => log.bytes(`${of} body`, chunk))
    request.on('end', () => {
      log.event(of, 'request end')
      response.end('answer')
    })
    request.on('error', (error) => log.event(of, `request error ${error.code}`))
    request.stream.on('close', () => log.event(of, `close ${request.stream.rstCode}`))
  })
}

function streams(log, server) {
  server.on('stream', (stream, headers) => {
    const of = `[${stream.id}]`
    log.event(of, `stream ${headers[':method']}`)
    stream.on('error', (error) => log.event(of, `error ${error.code}`))
    stream.on('data', (chunk) => log.bytes(`${of} body`, chunk))
    stream.on('end', () => log.event(of, 'end'))
    stream.on('close', () => log.event(of, `close ${stream.rstCode}`))
    stream.respond({ ':status': 200 }, { sendDate: false })
    stream.end('answer')
  })
}

const http2 = (build) => (log, create) => {
  const server = create()
  server.on('sessionError', (error) => log.event('sessionError', error.code))
  build(log, server)
  return server
}

function ofSockets(build, options = {}) {
  return {
    net: { make: (log) => createNet(options, build(log)), payloads: RAW },
    tls: { make: (log) => createTls({ ...TLS, ...options }, build(log)), payloads: RAW },
  }
}

function ofRequests(options) {
  return {
    http: {
      make: (log) => built(createHttp(), log, options),
      payloads: HTTP,
      seen: inTurn,
    },
    https: { make: (log) => built(createHttps(TLS), log, options), payloads: HTTP },
    'http2 secure, HTTP/1': {
      make: (log) => built(createSecureServer({ ...TLS, allowHTTP1: true }), log, options),
      payloads: HTTP,
    },
  }
}

function built(server, log, options) {
  requests(log, server, options)
  return server
}

const ofHttp2 = (build) => ({
  http2: {
    make: (log) => http2(build)(log, () => createHttp2()),
    payloads: CASES,
    seen: withoutReset,
  },
  'http2 secure': {
    make: (log) => http2(build)(log, () => createSecureServer(TLS)),
    payloads: CASES,
    alpn: ['h2'],
  },
})

/**
 * What was seen of each request or stream, one after the other. Those that one read brings are
 * announced before anything else happens to them where the read was from a buffer; from the kernel
 * each has its ticks in between, in which an answer that is out already can be done.
 */
function inTurn(entries) {
  return entries
    .map((entry, at) => [of(entry), / close /.test(entry) ? entries.length : at, entry])
    .sort(([one, before], [other, after]) => one.localeCompare(other) || before - after)
    .map(([, , entry]) => entry)
}

/**
 * The same without the streams that their client has reset: such a one, if it was reset in the read
 * that opened it, is kept from listeners behind a header.
 */
function withoutReset(entries, name) {
  const isReset = (entry) =>
    /\] close [^0]/.test(entry) || name === 'a request, reset with NO_ERROR'
  const reset = new Set(entries.filter(isReset).map(of))
  return inTurn(entries.filter((entry) => !reset.has(of(entry))))
}

/** The request or stream that a line is about. */
const of = (entry) => /^\[.*?\]/.exec(entry)?.[0] ?? ''

/** Applications by how they read; each on the kinds of server on which it makes sense. */
const APPS = {
  flowing: ofSockets(flowing),
  'half open': ofSockets(flowing, { allowHalfOpen: true }),
  'paused on connect': ofSockets(later, { pauseOnConnect: true }),
  'late, half open': ofSockets(later, { allowHalfOpen: true, pauseOnConnect: true }),
  pulling: ofSockets(pulling),
  greeting: ofSockets(greeting, { allowHalfOpen: true }),
  iterating: ofSockets((log) => (socket) => void iterating(log, socket), { allowHalfOpen: true }),
  'requests, answered last': ofRequests({}),
  'requests, answered first': ofRequests({ answersFirst: true }),
  'requests, the first one banned': ofRequests({ bans: true }),
  'requests of HTTP/2': ofHttp2(http2Requests),
  'streams of HTTP/2': ofHttp2(streams),
}

/**
 * Every application on every kind of server: `make(log)` gives the server, `payloads` are what it
 * understands, `seen(entries)` what of its log must be equal.
 */
export const SERVERS = Object.entries(APPS).flatMap(([app, kinds]) =>
  Object.entries(kinds).map(([kind, how]) => ({
    name: `${kind}: ${app}`,
    isSecure: /tls|https|secure/.test(kind),
    seen: (entries) => entries,
    ...how,
  })),
)
