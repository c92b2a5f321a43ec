// A bounded load generator: so many requests over so many connections, each answered before the next.

import { connect } from 'node:net'
import { ipv4, randomWords } from './inputs.mjs'

const word = randomWords(17)
/** @type {Buffer} */
const NOTHING = Buffer.alloc(0)

/** A request of one client of ten thousand, as a load balancer passes it on. */
function request(close) {
  const client = ipv4(0xc6336400 + (word() % 10_000))
  const connection = close ? 'close' : 'keep-alive'
  return Buffer.from(
    `GET / HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: ${client}, 10.1.2.3\r\nConnection: ${connection}\r\n\r\n`,
  )
}

/**
 * Runs a load without ever sleeping. To wake a sleeping process costs the server that answers it
 * tens of microseconds, in a virtual machine most of all, and a fast server seldom has to: the load
 * is still busy. That would be measured, and not what the server does.
 */
async function awake(load) {
  let over = false
  const spin = () => {
    if (!over) setImmediate(spin)
  }
  spin()
  try {
    await load()
  } finally {
    over = true
  }
}

/** Sends `count` requests over `connections` kept-alive ones; `first` goes ahead of each connection. */
export async function keepAliveLoad(port, count, { connections = 16, first = NOTHING } = {}) {
  let left = count
  const one = () =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.setNoDelay(true)
        if (first.length > 0) socket.write(first)
        next()
      })
      const next = () => {
        if (left-- <= 0) socket.end()
        else socket.write(request(false))
      }
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1')
        if (!isWhole(text)) return
        if (!text.startsWith('HTTP/1.1 200')) reject(new Error(text))
        text = ''
        next()
      })
      socket.on('error', reject)
      socket.on('close', resolve)
    })
  await awake(() => Promise.all(Array.from({ length: connections }, one)))
}

/** Sends `count` requests, each on a connection of its own. */
export async function closingLoad(port, count, { connections = 16, first = NOTHING } = {}) {
  let left = count
  const one = () =>
    /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
        let text = ''
        const socket = connect(port, '127.0.0.1', () =>
          socket.write(Buffer.concat([first, request(true)])),
        )
        socket.on('data', (chunk) => {
          text += chunk.toString('latin1')
        })
        socket.on('error', reject)
        socket.on('close', () => {
          if (text.startsWith('HTTP/1.1 200')) resolve()
          else reject(new Error(`refused: ${text}`))
        })
      })
    )
  const runner = async () => {
    while (left-- > 0) await one()
  }
  await awake(() => Promise.all(Array.from({ length: connections }, runner)))
}

/** Opens connections that have had one answer each, and keeps them. Returns a function that ends them. */
export async function idleConnections(port, count, { first = NOTHING } = {}) {
  const sockets = []
  for (let opened = 0; opened < count; opened += 100) {
    const some = Array.from({ length: Math.min(100, count - opened) }, () => answered(port, first))
    sockets.push(...(await Promise.all(some)))
  }
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}

function answered(port, first) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(Buffer.concat([first, request(false)])),
    )
    socket.once('data', () => resolve(socket))
    socket.on('error', reject)
  })
}

function isWhole(text) {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text)
  return length !== null && text.length >= end + 4 + Number(length[1])
}
