import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { encode, type HeaderInput } from '@truehop/proxy-protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stopAfterAll } from '../peers/harness/service.js'
import { startDatagrams } from './datagram-service.js'

const INET: HeaderInput = {
  version: 2,
  command: 'PROXY',
  family: 'INET',
  transport: 'DGRAM',
  source: { address: '198.51.100.7', port: 5353 },
  destination: { address: '192.0.2.80', port: 3000 },
}
const INET6: HeaderInput = {
  ...INET,
  family: 'INET6',
  source: { address: '2001:db8::7', port: 5353 },
  destination: { address: '2001:db8::80', port: 3000 },
}
const LOCAL: HeaderInput = {
  version: 2,
  command: 'LOCAL',
  family: 'UNSPEC',
  transport: 'UNSPEC',
}

const message = (header: HeaderInput, text: string, crc32c = false): Buffer =>
  Buffer.concat([encode(header, { crc32c }), Buffer.from(text)])

const own = stopAfterAll()
let service: number
let proxy: Socket

beforeAll(async () => {
  service = own(await startDatagrams()).port
  proxy = createSocket('udp4')
  proxy.bind(0, '127.0.0.1')
  await once(proxy, 'listening')
})

afterAll(() => {
  proxy.close()
})

async function answerTo(...messages: Uint8Array[]): Promise<string> {
  const answer = once(proxy, 'message')
  for (const each of messages) proxy.send(each, service, '127.0.0.1')
  const [text] = await answer
  return String(text)
}

test.each<[string, Uint8Array, string]>([
  ['IPv4', message(INET, 'hello'), '198.51.100.7 first-untrusted hello'],
  ['IPv6', message(INET6, 'hello'), '2001:db8::7 first-untrusted hello'],
  ['a checksum', message(INET, 'hello', true), '198.51.100.7 first-untrusted hello'],
  ['no payload', message(INET, ''), '198.51.100.7 first-untrusted '],
  ['LOCAL', message(LOCAL, 'check'), '127.0.0.1 proxy-local check'],
])('each datagram names its own client: %s', async (_, datagram, answer) => {
  expect(await answerTo(datagram)).toBe(answer)
})

test.each<[string, Uint8Array]>([
  ['without a header', Buffer.from('hello')],
  ['of no bytes', new Uint8Array(0)],
  ['that ends inside its header', message(INET, '').subarray(0, 20)],
  ['with a header of version 1', Buffer.from('PROXY TCP4 198.51.100.7 192.0.2.80 1 2\r\nhello')],
  ['with a wrong checksum', damaged(message(INET, 'hello', true))],
])('a datagram %s has no answer, and the next one has its own', async (_, datagram) => {
  const next = message(INET, 'next')
  expect(await answerTo(datagram, next)).toBe('198.51.100.7 first-untrusted next')
})

test('two clients of one proxy do not mix, whatever the order', async () => {
  const answers: string[] = []
  proxy.on('message', (text) => answers.push(String(text)))
  const clients = Array.from({ length: 50 }, (_, index) => `198.51.100.${index + 1}`)
  for (const address of clients) {
    const done = once(proxy, 'message')
    proxy.send(message({ ...INET, source: { address, port: 1 } }, address), service, '127.0.0.1')
    await done
  }
  proxy.removeAllListeners('message')
  expect(answers).toEqual(clients.map((address) => `${address} first-untrusted ${address}`))
})

function damaged(datagram: Buffer): Buffer {
  datagram.writeUInt8(datagram.readUInt8(16) ^ 1, 16)
  return datagram
}
