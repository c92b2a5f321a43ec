/*
 * client ──> UDP proxy ──UDP, PROXY v2 in every datagram──> this service
 *
 * A datagram has no connection that could remember a header, so each one begins with its own. UDP
 * source addresses are easily forged: let only the proxy reach this port, by the network, and
 * take the list below for a second line of defence.
 */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { definePolicy, resolve } from '@truehop/identity'
import { parseAddress } from '@truehop/ip'
import { decodeDatagram } from '@truehop/proxy-protocol'
import { pino } from 'pino'
import { listenAddress } from './listen-address.js'

const logger = pino()
const policy = definePolicy({
  hops: [{ name: 'udp-proxy', from: ['loopback'], asserts: 'proxy-protocol' }],
})

function isProxy({ address }: RemoteInfo): boolean {
  const peer = parseAddress(address)
  return peer !== undefined && policy.proxySenders.has(peer)
}

const socket = createSocket('udp4')

socket.on('message', (message, from) => {
  // A sender that is not in the list gets no answer: a forged source would get it instead.
  if (!isProxy(from) || from.port === 0) return
  const result = decodeDatagram(message)
  if (result.status !== 'complete') {
    const reason = result.status === 'malformed' ? result.code : 'missing'
    logger.debug({ reason, peer: from.address }, 'datagram without a header')
    return
  }
  const evidence = { peer: from.address, peerPort: from.port, proxyHeaders: [result.header] }
  const client = resolve(policy, evidence)
  const ip = client.status === 'resolved' ? client.ip : 'unknown'
  // Answers go back the way the datagram came; the proxy knows whose they are.
  const text = `${ip} ${client.reason} ${Buffer.from(result.payload).toString()}`
  socket.send(text, from.port, from.address, (error) => {
    if (error) logger.debug(error, 'answer not sent')
  })
})

socket.bind(listenAddress.port, listenAddress.host)
