import { type ClientIdentity, definePolicy, resolve } from '@truehop/identity/portable'
import type { Exchange } from '../src/record/exchange.js'

const trusting = definePolicy({
  hops: [{ name: 'edge', from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' }],
})

/** A client behind the trusted edge 10.0.0.1. */
export function clientVia(forwarded: string): ClientIdentity {
  const headers = { 'x-forwarded-for': forwarded }
  return resolve(trusting, { peer: '10.0.0.1', peerPort: 40_000, headers })
}

/** A client that connects directly. */
export function clientAt(peer: string, peerPort?: number): ClientIdentity {
  return resolve(trusting, { peer, peerPort, headers: {} })
}

/** GET /users/7?token=secret, 200, 512 bytes, a quarter of a second, on 20 November 2025. */
export function exchange(changes: Partial<Exchange> = {}): Exchange {
  return {
    identity: clientVia('203.0.113.9:5555'),
    method: 'GET',
    target: '/users/7?token=secret',
    scheme: 'https',
    httpVersion: '1.1',
    route: '/users/:id',
    status: 200,
    bytes: 512,
    startedAt: Date.UTC(2025, 10, 20, 18, 58, 3, 250),
    duration: 250,
    aborted: false,
    requestId: 'req-1',
    userAgent: 'curl/8.5.0',
    referer: 'https://example.com/',
    headers: {},
    anomalies: [],
    notes: [],
    ...changes,
  }
}
