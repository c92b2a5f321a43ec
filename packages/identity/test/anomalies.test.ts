import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type IncomingMessage } from 'node:http'
import { storeEvidence } from '@truehop/proxy-protocol/evidence'
import { afterEach, describe, expect, test } from 'vitest'
import {
  bindRequest,
  bindServer,
  definePolicy,
  identityOf,
  type PolicyOptions,
} from '../src/index.js'

/** A request as light-my-request injects it: no real socket, the fields that Node's have. */
function request(peer: string, headers: Record<string, string>): IncomingMessage {
  return {
    headers,
    socket: { remoteAddress: peer, remotePort: 4711 },
  } as unknown as IncomingMessage
}

const listeners: [string, (message: unknown) => void][] = []
afterEach(() => {
  for (const [name, listener] of listeners.splice(0)) unsubscribe(name, listener)
})

/** What is published on a channel until the end of the test. */
function published(name: string): Record<string, unknown>[] {
  const messages: Record<string, unknown>[] = []
  const listener = (message: unknown) => messages.push(message as Record<string, unknown>)
  listeners.push([name, listener])
  subscribe(name, listener)
  return messages
}

function decide(options: PolicyOptions, peer: string, headers: Record<string, string> = {}) {
  const policy = definePolicy(options)
  const raw = request(peer, headers)
  bindRequest(raw, policy)
  return { policy, raw, identity: identityOf(raw) }
}

const NGINX: PolicyOptions = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }

describe('anomalies', () => {
  test('report identities that nobody could determine', () => {
    const messages = published('truehop.identity.undetermined')
    const { policy, raw, identity } = decide(NGINX, '10.0.0.5', { 'x-forwarded-for': 'unknown' })
    expect(messages).toEqual([{ request: raw, identity }])
    expect(policy.counters.snapshot().undetermined).toEqual({ 'unidentified-node': 1 })
  })

  test('report claims by peers that no rule trusts, in evidence that the policy reads', () => {
    const messages = published('truehop.identity.untrusted_claim')
    const { policy } = decide(NGINX, '192.0.2.1', { 'x-forwarded-for': '6.6.6.6', forwarded: 'x' })
    expect(messages.map(({ source }) => source)).toEqual(['x-forwarded-for'])
    expect(policy.counters.snapshot().untrustedClaims).toEqual({ 'x-forwarded-for': 1 })
    expect(policy.counters.snapshot().resolved).toEqual({ 'peer-untrusted': 1 })
  })

  test('report untrusted claims only in what was sent, and no header called proxy-protocol', () => {
    const messages = published('truehop.identity.untrusted_claim')
    const hops = ['proxy-protocol', 'x-forwarded-for', 'x-real-ip'].map((asserts) => ({
      from: ['10.0.0.0/8'],
      asserts,
    }))
    const headers = { 'proxy-protocol': '6.6.6.6', 'x-real-ip': '6.6.6.6' }
    const policy = definePolicy({ hops })
    const raw = request('192.0.2.1', headers)
    // As a receiver that takes direct clients leaves it.
    storeEvidence(raw.socket, { peer: '192.0.2.1', headers: [], received: true })
    bindRequest(raw, policy)
    const identity = identityOf(raw)
    expect(messages).toEqual([{ request: raw, identity, source: 'x-real-ip' }])
    expect(policy.counters.snapshot().untrustedClaims).toEqual({ 'x-real-ip': 1 })
  })

  test('say nothing of evidence that agrees', () => {
    const messages = published('truehop.identity.conflict')
    decide(NGINX, '10.0.0.5', { 'x-forwarded-for': '198.51.100.7', 'x-real-ip': '198.51.100.7' })
    expect(messages).toEqual([])
  })

  test('come with every decision, for those who listen to all of them', () => {
    const before = decide(NGINX, '10.0.0.5', { 'x-forwarded-for': '198.51.100.7' })
    const messages = published('truehop.identity.resolved')
    const headers = { 'x-forwarded-for': '198.51.100.8' }
    const { policy, raw, identity } = decide(NGINX, '10.0.0.5', headers)
    expect(messages).toEqual([
      { request: raw, identity, policy, evidence: expect.objectContaining({ headers }) },
    ])
    expect(before.identity).not.toBe(identity)
  })

  test('report contradicting evidence while somebody listens', () => {
    const headers = { 'x-forwarded-for': '198.51.100.7', 'x-real-ip': '6.6.6.6' }
    expect(decide(NGINX, '10.0.0.5', headers).policy.counters.snapshot().conflicts).toEqual({})
    const messages = published('truehop.identity.conflict')
    const { policy } = decide(NGINX, '10.0.0.5', headers)
    expect(messages.map(({ conflicts }) => conflicts)).toEqual([
      [{ source: 'x-real-ip', claims: '6.6.6.6' }],
    ])
    expect(policy.counters.snapshot().conflicts).toEqual({ 'x-real-ip': 1 })
  })

  test('report a chain length that hardly anybody had before', () => {
    const messages = published('truehop.identity.chain_length')
    const policy = definePolicy(NGINX)
    const send = (list: string) => {
      const raw = request('10.0.0.5', { 'x-forwarded-for': list })
      bindRequest(raw, policy)
      return identityOf(raw)
    }
    for (let i = 0; i < 1024; i++) send('198.51.100.7')
    expect(messages).toEqual([])
    const odd = send('198.51.100.7, 10.0.0.8')
    send('198.51.100.7')
    expect(messages.map(({ identity }) => identity)).toEqual([odd])
    expect(policy.counters.snapshot().chainLengths.slice(0, 4)).toEqual([0, 1025, 1, 0])
  })

  test('call a length unusual that fewer than one in 128 had', () => {
    const { counters } = definePolicy(NGINX)
    const count = (hops: number, times: number) =>
      Array.from({ length: times }, () => counters.countLength(hops)).filter(Boolean).length
    expect([count(2, 9), count(1, 1142)]).toEqual([0, 0])
    // Nine of 1152 are one in 128; nine of 1153 would be fewer.
    expect(count(2, 1)).toBe(0)
    const later = definePolicy(NGINX).counters
    for (let i = 0; i < 9; i++) later.countLength(2)
    for (let i = 0; i < 1143; i++) later.countLength(1)
    expect(later.countLength(2)).toBe(true)
  })

  test('have labels that no client can make more of', () => {
    const policy = definePolicy(NGINX)
    for (let i = 0; i < 300; i++) {
      const raw = request(i % 2 === 0 ? '10.0.0.5' : '192.0.2.1', {
        'x-forwarded-for': `garbage-${i}`,
        [`x-claim-${i}`]: '6.6.6.6',
      })
      bindRequest(raw, policy)
      identityOf(raw)
    }
    const { resolved, undetermined, untrustedClaims, chainLengths } = policy.counters.snapshot()
    expect([resolved, undetermined, untrustedClaims]).toEqual([
      { 'peer-untrusted': 150 },
      { 'unidentified-node': 150 },
      { 'x-forwarded-for': 150 },
    ])
    expect(chainLengths).toHaveLength(65)
  })

  test('report replacements of a policy that is in force on a server', () => {
    const messages = published('truehop.policy.replaced')
    const policy = definePolicy(NGINX)
    bindServer(createServer(), policy)
    bindServer(createServer(), policy)
    policy.replace({ hops: [] })
    expect(messages).toEqual([{ policy, status: expect.objectContaining({ version: 2 }) }])
  })

  test('are decided once for a request, whoever asks', () => {
    const { policy, raw, identity } = decide(NGINX, '10.0.0.5')
    expect(identityOf(raw)).toBe(identity)
    expect(identityOf({ raw })).toBe(identity)
    expect(policy.counters.snapshot().resolved).toEqual({ 'header-missing': 1 })
  })
})
