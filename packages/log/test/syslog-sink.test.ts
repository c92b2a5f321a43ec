import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type SyslogOptions, syslogSink } from '../src/index.js'

let server: Server
let sockets: Socket[]
let errors: string[]

beforeEach(async () => {
  sockets = []
  errors = []
  server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  vi.useRealTimers()
  for (const socket of sockets) socket.destroy()
  server.close()
})

function opened(options: Partial<SyslogOptions>) {
  const { port } = server.address() as AddressInfo
  const sink = syslogSink({ host: '127.0.0.1', port, ...options })
  sink.open({ leftOut: () => {}, error: ({ message }) => void errors.push(message) })
  return sink
}

const line = `{"text":"${'x'.repeat(1_000_000)}"}`
const record = { line, event: 'thing', seq: 0, time: 0 }

test.each<[string, Partial<SyslogOptions>]>([
  ['takes nothing', { maxMessage: 1_048_576, maxPending: 100_000_000 }],
  ['never says hello', { maxMessage: 1_048_576, maxPending: 100_000_000, tls: {} }],
])(
  'a server that %s is waited for five seconds at the end, and not asked again',
  async (_, options) => {
    const sink = opened(options)
    await once(server, 'connection')
    // More than the systems between them hold.
    for (let i = 0; i < 30; i++) sink.take(record)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let isClosed = false
    const closed = sink.close().then(() => {
      isClosed = true
    })
    await vi.advanceTimersByTimeAsync(4999)
    expect(isClosed).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await closed
    expect(errors).toEqual([expect.stringMatching(/^syslog: closed with \d+ records unsent$/)])
    for (const socket of sockets) socket.destroy()
    for (let i = 0; i < 5; i++) {
      await sleep(20)
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(sockets.length).toBe(1)
    sink.take(record)
    expect(errors).toHaveLength(1)
  },
)
