// One measurement of functions in a process of its own: node functions.mjs <name> [argument]
// Prints a line of JSON.

import { BlockList, SocketAddress } from 'node:net'
import { XForwardedForCursor } from '@truehop/forwarded'
import { definePolicy, identityOf, resolve } from '@truehop/identity'
import { PrefixSet, parseAddress } from '@truehop/ip'
import { decode, encode } from '@truehop/proxy-protocol'
import ipaddr from 'ipaddr.js'
import proxyaddr from 'proxy-addr'
import peerProtocol from 'proxy-protocol-js'
import { compare, cpuNow, cycling } from './cpu-time.mjs'
import {
  asIncoming,
  flat,
  ipv4,
  many,
  prefixes,
  randomWords,
  threeHopRequests,
  trustedChain,
} from './inputs.mjs'

const TRUST = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']

const measurements = {
  resolve: () => resolving(TRUST),
  'resolve-10000': () => resolving([...TRUST, ...prefixes(10_000)]),

  /** A request object anew each time, one header text, one connection. */
  async 'same-header'() {
    const [{ peer, headers }] = threeHopRequests()
    const policy = definePolicy({ trust: TRUST, header: 'x-forwarded-for' })
    const socket = {
      remoteAddress: peer,
      [Symbol.for('truehop.policy/1')]: policy,
      // As accepted connections have it.
      [Symbol.for('truehop.evidence/1')]: { peer, peerPort: 443, headers: [], received: true },
    }
    const trust = proxyaddr.compile(TRUST)
    const text = headers['x-forwarded-for']
    /**
     * What is read of a request, and no more.
     *
     * @returns {any}
     */
    const request = () => ({ socket, headers: { host: 'shop.example', 'x-forwarded-for': text } })
    return compare({
      truehop: () => identityOf(request()),
      peer: () => proxyaddr({ ...request(), connection: socket }, trust),
      baseline: request,
    })
  },

  async elements(count) {
    const headers = { 'x-forwarded-for': trustedChain(count) }
    const trust = proxyaddr.compile(['10.0.0.0/8'])
    const given = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }
    const [policy, boundless] = [definePolicy(given), definePolicy({ ...given, maxHops: 65_536 })]
    const evidence = { peer: '10.0.0.1', headers, proxyHeaders: [] }
    const incoming = asIncoming(evidence)
    return compare({
      truehop: () => resolve(policy, evidence),
      boundless: () => resolve(boundless, evidence),
      peer: () => proxyaddr(incoming, trust),
    })
  },

  async 'parse-ipv4'() {
    const word = randomWords(3)
    return parsing(many(1024, () => flat(ipv4(word()))))
  },

  async 'parse-ipv6'() {
    const word = randomWords(5)
    const group = () => (word() & 0xffff).toString(16)
    return parsing(many(1024, () => flat(`2001:db8:${many(6, group).join(':')}`)))
  },

  async cursor() {
    const texts = threeHopRequests().map(({ headers }) => headers['x-forwarded-for'])
    return compare({
      truehop: cycling(texts, (text) => {
        const list = new XForwardedForCursor(text)
        let read
        while (list.hasUnread()) read = list.read()
        return read
      }),
    })
  },

  async prefixes(count) {
    const list = prefixes(count)
    PrefixSet.from(list.slice(0, 10))
    const before = memory()
    const started = cpuNow()
    const set = PrefixSet.from(list)
    const build = (cpuNow() - started) / 1e6
    const bytes = (memory() - before) / count
    const word = randomWords(11)
    const texts = many(4096, () => ipv4(word()))
    const values = texts.map((text) => parseAddress(text))
    const functions = { truehop: cycling(values, (address) => set.has(address)) }
    if (count <= 100_000) {
      const blocked = new BlockList()
      for (const prefix of list) {
        const [address = '', length] = prefix.split('/')
        blocked.addSubnet(address, Number(length))
      }
      const addresses = texts.map((address) => new SocketAddress({ address }))
      functions.peer = cycling(addresses, (address) => blocked.check(address))
    }
    return { ...(await compare(functions, { rounds: 5 })), bytes, build, size: set.size }
  },

  async 'decode-v2'() {
    const headers = wireHeaders(2)
    const { V2ProxyProtocol } = peerProtocol
    return compare({
      truehop: cycling(headers, (bytes) => decode(bytes)),
      peer: cycling(headers, (bytes) => V2ProxyProtocol.parse(bytes)),
    })
  },

  async 'decode-v1'() {
    const headers = wireHeaders(1)
    const texts = headers.map((bytes) => bytes.toString('latin1'))
    const { V1ProxyProtocol } = peerProtocol
    return compare({
      truehop: cycling(headers, (bytes) => decode(bytes)),
      peer: cycling(texts, (text) => V1ProxyProtocol.parse(text)),
    })
  },
}

function resolving(trusted) {
  const requests = threeHopRequests()
  const policy = definePolicy({ trust: trusted, header: 'x-forwarded-for' })
  const trust = proxyaddr.compile(trusted)
  return compare({
    truehop: cycling(requests, (evidence) => resolve(policy, evidence)),
    peer: cycling(requests.map(asIncoming), (request) => proxyaddr(request, trust)),
  })
}

function parsing(texts) {
  return compare({
    truehop: cycling(texts, (text) => parseAddress(text)),
    peer: cycling(texts, (text) => ipaddr.parse(text)),
  })
}

function wireHeaders(version) {
  const word = randomWords(13)
  return many(512, () =>
    encode({
      version,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: ipv4(word()), port: word() & 0xffff },
      destination: { address: ipv4(word()), port: 443 },
      tlvs: [],
    }),
  )
}

function memory() {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const [name, argument] = process.argv.slice(2)
console.log(JSON.stringify(await measurements[name](Number(argument))))
