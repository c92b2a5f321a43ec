import { EventEmitter, once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { AcceptError, acceptProxyProtocol, type ProxyProtocolHandle } from '../../src/index.js'
import { ask } from './client.js'
import { ended, rawClient, until, v1 } from './raw.js'
import { echoServer, KINDS, listening, portOf } from './service.js'

/** Accepts on `server` and connects once, header in two pieces; resolves when it was handed over. */
async function connectOnce(server: Server, handle: ProxyProtocolHandle): Promise<Socket> {
  const before = handle.counters.accepted
  const client = await rawClient(portOf(server))
  client.write('PROXY ')
  await until(() => handle.counters.pending === 1)
  client.write(v1('192.0.2.1').slice(6))
  await until(() => handle.counters.accepted === before + 1)
  return client
}

function accepting(server: Server): ProxyProtocolHandle {
  return acceptProxyProtocol(server, { from: ['loopback'] })
}

describe("the server's own connection listeners", () => {
  test('see each socket once, after the header, in their order, with the server as this', async () => {
    const calls: unknown[] = []
    const server = createServer(function (this: unknown) {
      calls.push(['constructor', this === server])
    })
    const listener = (name: string) =>
      function (this: unknown) {
        calls.push([name, this === server])
      }
    server.on('connection', listener('before'))
    const handle = accepting(server)
    server.on('connection', listener('after'))
    server.prependListener('connection', listener('first'))
    await listening(server)
    server.on('connection', listener('late'))
    await connectOnce(server, handle)
    expect(calls.map((call) => (call as unknown[])[0])).toEqual([
      'first',
      'constructor',
      'before',
      'after',
      'late',
    ])
    expect(calls.every((call) => (call as unknown[])[1] === true)).toBe(true)
    await connectOnce(server, handle)
    expect(calls).toHaveLength(10)
  })

  test('added while a connection waits for its header see it too, removed ones do not', async () => {
    const seen: string[] = []
    const removed = () => seen.push('removed')
    const server = createServer()
    server.on('connection', removed)
    const handle = accepting(server)
    const client = await rawClient(await listening(server))
    await until(() => handle.counters.pending === 1)
    server.on('connection', () => seen.push('added'))
    server.removeListener('connection', removed)
    client.write(v1('192.0.2.1'))
    await until(() => handle.counters.accepted === 1)
    expect(seen).toEqual(['added'])
  })

  test('of once see one socket and are gone', async () => {
    const seen: string[] = []
    const server = createServer()
    server.once('connection', () => seen.push('before'))
    const handle = accepting(server)
    const count = server.listenerCount('connection')
    server.once('connection', () => seen.push('after'))
    await listening(server)
    const promised = once(server, 'connection')
    await connectOnce(server, handle)
    await connectOnce(server, handle)
    expect(seen).toEqual(['before', 'after'])
    expect((await promised)[0]).toHaveProperty('remoteAddress', '127.0.0.1')
    // `listening` of this test has put one of its own there.
    expect(server.listenerCount('connection')).toBe(count)
  })

  test('are listed and removed by their own identity', async () => {
    const server = createServer()
    const on = () => {}
    const unused = () => {}
    server.on('connection', on)
    server.once('connection', unused)
    accepting(server)
    server.on('connection', on)
    await new Promise((resolve) => setImmediate(resolve))
    expect(server.listeners('connection').slice(1)).toEqual([on, unused, on])
    server.off('connection', unused)
    server.off('connection', on)
    expect(server.listeners('connection').slice(1)).toEqual([on])
    server.removeAllListeners('connection')
    expect(server.listenerCount('connection')).toBe(0)
  })

  test('that reject with captureRejections end their own socket only', async () => {
    EventEmitter.captureRejections = true
    const server = createServer(async (socket) => {
      socket.on('error', () => {})
      throw new Error('mine')
    })
    EventEmitter.captureRejections = false
    const handle = accepting(server)
    await listening(server)
    const client = await connectOnce(server, handle)
    expect(await ended(client)).toBe('')
  })

  test.each(KINDS)('%s: close() puts them back exactly as they were', async (kind) => {
    const server = echoServer(kind)
    server.once('connection', () => {})
    const before = snapshot(server)
    const handle = accepting(server)
    handle.close()
    expect(snapshot(server)).toEqual(before)
    handle.close()
    expect(snapshot(server)).toEqual(before)
    const answer = await ask(kind, await listening(server), 'plain')
    expect(answer).toMatchObject({ body: 'plain', evidence: { peer: '127.0.0.1', headers: [] } })
    const again = acceptProxyProtocol(server, { from: ['10.0.0.0/8'], direct: 'accept' })
    expect((await ask(kind, portOf(server), 'again')).body).toBe('again')
    again.close()
  })
})

describe('close()', () => {
  test('ends the connections that wait, and leaves the others alone', async () => {
    const server = createServer((socket) => {
      socket.on('data', (chunk) => socket.end(chunk))
    })
    const handle = accepting(server)
    const port = await listening(server)
    const good = await connectOnce(server, handle)
    const waiting = await rawClient(port)
    await until(() => handle.counters.pending === 1)
    handle.close()
    expect(await ended(waiting)).toBe('')
    expect(handle.counters).toMatchObject({ pending: 0, refused: { 'shutting-down': 1 } })
    good.write('still here')
    expect(await ended(good)).toBe('still here')
  })

  test('a second acceptor on the same server is an error, until the first is closed', () => {
    const server = createServer()
    const handle = accepting(server)
    expect(() => accepting(server)).toThrow(AcceptError)
    expect(() => accepting(server)).toThrow(/close\(\) on the first handle/)
    handle.close()
    expect(() => accepting(server)).not.toThrow()
  })
})

describe('server.close()', () => {
  test('is not held up by connections that never speak', async () => {
    const server = createServer()
    const handle = acceptProxyProtocol(server, { from: ['loopback'], timeout: 600_000 })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const silent = await Promise.all([rawClient(portOf(server)), rawClient(portOf(server))])
    silent[0]?.write('PROXY')
    await until(() => handle.counters.pending === 2)
    await new Promise((resolve) => server.close(resolve))
    expect(handle.counters).toMatchObject({ pending: 0, refused: { 'shutting-down': 2 } })
  })

  test('and listening again: headers are expected as before', async () => {
    const server = createServer((socket) => {
      socket.end('hello')
    })
    const handle = accepting(server)
    for (let times = 1; times <= 2; times++) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const client = await connectOnce(server, handle)
      expect(await ended(client)).toBe('hello')
      expect(handle.counters.accepted).toBe(times)
      client.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
  })
})

describe('a listener that a prepended listener adds while it is called', () => {
  const WAYS = ['on', 'once', 'prependListener', 'prependOnceListener'] as const

  /** Who was called, in which order, over three connections. */
  async function calls(way: (typeof WAYS)[number], isAccepting: boolean): Promise<string[]> {
    const server = createServer((socket) => socket.end('hello'))
    const called: string[] = []
    if (isAccepting) accepting(server)
    server.prependListener('connection', () => {
      called.push('outer')
      if (called.length === 1) server[way]('connection', () => called.push('inner'))
    })
    const port = await listening(server)
    for (let times = 0; times < 3; times++) {
      const client = await rawClient(port)
      if (isAccepting) client.write(v1('192.0.2.1'))
      expect(await ended(client)).toBe('hello')
    }
    return called
  }

  test.each(WAYS)(
    '%s: is called for the connections for which it would be without headers',
    async (way) => {
      expect(await calls(way, true)).toEqual(await calls(way, false))
    },
  )
})

describe('the socket that the server gets', () => {
  /** What a `connection` listener finds on the socket. */
  async function found(accept: boolean, options: object): Promise<object> {
    const server = createServer(options)
    if (accept) accepting(server)
    const state = new Promise<object>((resolve) => {
      server.on('connection', (socket) => {
        resolve({
          listeners: socket.eventNames().map((name) => [name, socket.rawListeners(name).length]),
          flowing: socket.readableFlowing,
          paused: socket.isPaused(),
          destroyed: socket.destroyed,
          timeout: socket.timeout,
          bytesWritten: socket.bytesWritten,
        })
        socket.destroy()
      })
    })
    const port = await listeningPlain(server)
    const client = await rawClient(port)
    if (accept) client.write(v1('192.0.2.1'))
    try {
      return await state
    } finally {
      client.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
  }

  test.each([{}, { allowHalfOpen: true }])(
    'is as it was accepted: listeners, flow, pause (%j)',
    async (options) => {
      expect(await found(true, options)).toEqual(await found(false, options))
    },
  )

  test('is as it was accepted with pauseOnConnect too, and guarded until it is resumed', async () => {
    const options = { pauseOnConnect: true }
    const plain = await found(false, options)
    const guards = [
      ['error', 1],
      ['end', 1],
      ['resume', 1],
    ]
    expect(plain).toMatchObject({ listeners: [['end', 1]], paused: true })
    expect(await found(true, options)).toEqual({ ...plain, listeners: guards })
  })

  test('flows when it is listened to, and stays paused when it is paused', async () => {
    const server = createServer()
    const handle = accepting(server)
    const got: string[] = []
    server.on('connection', (socket: Socket) => {
      socket.on('data', (chunk) => got.push(String(chunk)))
      socket.pause()
      setTimeout(() => {
        got.push('resumed')
        socket.resume()
      }, 30)
    })
    const client = await rawClient(await listening(server))
    client.write(`${v1('192.0.2.1')}payload`)
    await until(() => got.length === 2)
    expect(got).toEqual(['resumed', 'payload'])
    expect(handle.counters.accepted).toBe(1)
  })

  test('that is paused on connect throws nothing at a reset before anybody listens', async () => {
    const server = createServer({ pauseOnConnect: true })
    const handle = accepting(server)
    const client = await rawClient(await listening(server))
    const given = once(server, 'connection')
    client.write(v1('192.0.2.1'))
    await until(() => handle.counters.accepted === 1)
    client.resetAndDestroy()
    const [socket]: Socket[] = await given
    await until(() => socket?.destroyed === true)
    expect(socket?.errored).toMatchObject({ code: 'ECONNRESET' })
  })

  test('that is paused on connect keeps an end that came with the header', async () => {
    const server = createServer({ pauseOnConnect: true })
    const seen: string[] = []
    server.on('connection', (socket: Socket) => {
      setTimeout(() => {
        socket.on('end', () => seen.push('end'))
        socket.resume()
      }, 20)
    })
    // Injected after its end has been read, as from a server that accepts half-open sockets.
    const inner = accepting(server)
    const outer = createServer({ allowHalfOpen: true }, async (socket) => {
      await once(
        socket.on('error', () => {}),
        'readable',
      )
      setTimeout(() => server.emit('connection', socket.pause()), 20)
    })
    const client = await rawClient(await listening(outer))
    client.end(v1('192.0.2.1'))
    await until(() => seen.length === 1)
    expect(inner.counters.accepted).toBe(1)
  })

  test('gives its bytes to an iterator, to read() and to a pipe', async () => {
    const server = createServer()
    accepting(server)
    const ways: ((socket: Socket) => void)[] = [
      async (socket) => {
        for await (const chunk of socket) socket.end(`iterator ${chunk}`)
      },
      (socket) => {
        socket.once('readable', () => socket.end(`read ${socket.read()}`))
      },
      (socket) => {
        socket.pipe(socket)
      },
    ]
    server.on('connection', (socket: Socket) => ways.shift()?.(socket))
    const port = await listening(server)
    for (const expected of ['iterator hi', 'read hi', 'hi']) {
      const client = await rawClient(port)
      client.end(`${v1('192.0.2.1')}hi`)
      expect(await ended(client)).toBe(expected)
    }
  })
})

describe('sockets injected with emit', () => {
  test('late, with all their bytes and their end read: nothing is lost, the end included', async () => {
    const inner = createServer({ allowHalfOpen: true }, (socket) => {
      let got = ''
      socket.on('data', (chunk) => {
        got += chunk
      })
      socket.on('end', () => socket.end(`got ${got}`))
    })
    accepting(inner)
    const outer = createServer({ allowHalfOpen: true }, (socket) => {
      setTimeout(() => inner.emit('connection', socket), 30)
    })
    const port = await listening(outer)
    for (const payload of ['', 'payload']) {
      const client = await rawClient(port)
      client.end(v1('192.0.2.1') + payload)
      expect(await ended(client)).toBe(`got ${payload}`)
    }
  })
})

function snapshot(server: EventEmitter): unknown {
  return new Map(server.eventNames().map((name) => [name, server.rawListeners(name)]))
}

async function listeningPlain(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return portOf(server)
}
