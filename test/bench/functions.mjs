// One measurement of functions in a process of its own: node functions.mjs <name> [argument]
// Prints a line of JSON.

import { BlockList, SocketAddress } from 'node:net'
import { Allowlist } from '@truehop/allowlist'
import { XForwardedForCursor } from '@truehop/forwarded'
import { definePolicy, identityOf, resolve } from '@truehop/identity'
import { PrefixSet, parseAddress } from '@truehop/ip'
import { decode, encode } from '@truehop/proxy-protocol'
import ipaddr from 'ipaddr.js'
import proxyaddr from 'proxy-addr'
import peerProtocol from 'proxy-protocol-js'
import { compare, cpuNow, cycling, median } from './cpu-time.mjs'
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

  // What a server has: the headers of one load balancer, all to one address.
  'decode-v2': () => decoding2(wireHeaders(2, 1)),
  'decode-v1': () => decoding1(wireHeaders(1, 1)),
  'decode-v2-many': () => decoding2(wireHeaders(2, 512)),
  'decode-v1-many': () => decoding1(wireHeaders(1, 512)),

  /** Bytes of heap for each call, once compiled. Needs a young generation that holds them all. */
  async allocated() {
    const requests = threeHopRequests()
    const policy = definePolicy({ trust: TRUST, header: 'x-forwarded-for' })
    const trust = proxyaddr.compile(TRUST)
    const peers = requests.map(asIncoming)
    return {
      truehop: allocatedBy(cycling(requests, (evidence) => resolve(policy, evidence))),
      peer: allocatedBy(cycling(peers, (request) => proxyaddr(request, trust))),
    }
  },

  /** Milliseconds of the longest turn of the event loop while a list is replaced. */
  async replaced(count) {
    const list = new Allowlist({ deny: [] })
    const entries = prefixes(count)
    await list.replace({ deny: entries.slice(0, 100_000) })
    const longest = []
    for (let round = 0; round < 3; round++) {
      const turns = watchTurns()
      await list.replace({ deny: entries })
      longest.push(turns.end())
    }
    return { longest: median(longest), clock: threadCpu === undefined ? 'wall' : 'cpu' }
  },
}

/** CPU time of this thread alone, in milliseconds, where Node tells it (from 23.9 on). */
const threadCpu =
  typeof Reflect.get(process, 'threadCpuUsage') !== 'function'
    ? undefined
    : () => {
        const { user, system } = Reflect.get(process, 'threadCpuUsage')()
        return (user + system) / 1000
      }

function watchTurns() {
  const clock = threadCpu ?? (() => performance.now())
  let [longest, last, over] = [0, clock(), false]
  const turn = () => {
    const now = clock()
    longest = Math.max(longest, now - last)
    last = now
    if (!over) setImmediate(turn)
  }
  setImmediate(turn)
  const end = () => {
    over = true
    return longest
  }
  return { end }
}

function allocatedBy(call) {
  for (let i = 0; i < 200_000; i++) call()
  // The peer takes 6.6 KB for each: 20,000 of them are collected on the way on Node 20.
  const CALLS = 5000
  const samples = []
  for (let round = 0; round < 7; round++) {
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < CALLS; i++) call()
    samples.push((process.memoryUsage().heapUsed - before) / CALLS)
  }
  return median(samples)
}

/**
 * From the bytes of a connection to the text of both addresses. The peer leaves them as arrays of four
 * numbers, which is measured too.
 */
function decoding2(headers) {
  const { IPv4ProxyAddress, V2ProxyProtocol } = peerProtocol
  return compare({
    truehop: cycling(headers, (bytes) => decode(bytes)),
    peer: cycling(headers, (bytes) => {
      const { proxyAddress } = V2ProxyProtocol.parse(bytes)
      if (!(proxyAddress instanceof IPv4ProxyAddress)) throw new Error('not IPv4')
      const { sourceAddress, destinationAddress } = proxyAddress
      return [dotted(sourceAddress.address), dotted(destinationAddress.address)]
    }),
    numbers: cycling(headers, (bytes) => V2ProxyProtocol.parse(bytes)),
  })
}

/** Half the time of `join`. */
const dotted = ([a, b, c, d]) => `${a}.${b}.${c}.${d}`

/** The same; the peer reads text, and its own reader of bytes takes ten times as long as this. */
function decoding1(headers) {
  const { V1ProxyProtocol } = peerProtocol
  return compare({
    truehop: cycling(headers, (bytes) => decode(bytes)),
    peer: cycling(headers, (bytes) => V1ProxyProtocol.parse(bytes.toString('latin1'))),
  })
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

function wireHeaders(version, destinations) {
  const word = randomWords(13)
  const addresses = many(destinations, () => ipv4(word()))
  return many(512, (i) =>
    encode({
      version,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: ipv4(word()), port: word() & 0xffff },
      destination: { address: addresses[i % destinations] ?? '', port: 443 },
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
