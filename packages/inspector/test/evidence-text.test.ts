import { connectionRefusal, definePolicy, type Evidence, explain } from '@truehop/identity'
import { decode, encode } from '@truehop/proxy-protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tryEvidence } from '../src/serve/trial.js'
import { evidenceText } from '../src/view/evidence-text.js'

const policy = definePolicy({
  hops: [
    { name: 'lb', from: ['10.0.0.0/8'], asserts: 'proxy-protocol' },
    { name: 'edge', from: ['173.245.48.0/20'], asserts: 'cf-connecting-ip' },
    { name: 'inner', from: ['173.245.48.0/20'], asserts: 'x-forwarded-for' },
  ],
  proxyProtocol: { optional: true, direct: 'accept', maxHeaders: 2 },
})

function textOf(evidence: Evidence) {
  return evidenceText(evidence, explain(policy, evidence))
}

function header(source: string, tlvs: { type: number; value: Uint8Array }[] = []) {
  const result = decode(
    encode({
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: source, port: 4711 },
      destination: { address: '10.0.0.1', port: 443 },
      tlvs,
    }),
  )
  if (result.status !== 'complete') throw new Error('not a header')
  return result.header
}

describe('the evidence of a decision as text', () => {
  test('has the headers that name a client, and no others', () => {
    const headers = {
      'cf-connecting-ip': '198.51.100.7',
      'x-real-ip': '203.0.113.9',
      cookie: 'session=secret',
      authorization: 'Bearer secret',
    }
    expect(textOf({ peer: '10.0.0.5', headers, proxyHeaders: [header('173.245.48.9')] })).toEqual({
      peer: '10.0.0.5',
      proxy: 'PROXY TCP4 173.245.48.9 10.0.0.1 4711 443',
      headers: 'cf-connecting-ip: 198.51.100.7\nx-real-ip: 203.0.113.9',
    })
  })

  test('is bytes where a line of version 1 does not say everything', () => {
    const proxyHeaders = [header('173.245.48.9', [{ type: 0xe0, value: Uint8Array.of(1, 2) }])]
    const text = textOf({ peer: '10.0.0.5', headers: {}, proxyHeaders })
    expect(text?.proxy).toMatch(/^0d0a0d0a000d0a515549540a2111[\da-f]+e000020102$/)
  })

  test('is not kept where it is long', () => {
    const headers = { 'x-forwarded-for': '198.51.100.7, '.repeat(500) }
    expect(textOf({ peer: '10.0.0.5', headers, proxyHeaders: [] })).toBeUndefined()
  })

  test('gives the same client and reason when it is tried again', () => {
    const address = fc.constantFrom('173.245.48.9', '198.51.100.7', '10.0.0.5', '203.0.113.5')
    const value = fc.oneof(
      address,
      fc.constantFrom('unknown', '"', ' 198.51.100.7 ,, 10.0.0.1', '[2001:db8::7]:443', ''),
    )
    const evidence = fc.record({
      peer: address,
      headers: fc.record(
        { 'x-forwarded-for': value, 'cf-connecting-ip': value, forwarded: value },
        { requiredKeys: [] },
      ),
      proxyHeaders: fc.array(
        address.map((source) => header(source)),
        { maxLength: 2 },
      ),
    })
    fc.assert(
      fc.property(evidence, (given) => {
        const again = tryEvidence(policy, textOf(given))
        const refused = connectionRefusal(policy, given)
        if (refused !== undefined) {
          expect(again).toEqual({ refused })
          return
        }
        const { identity } = explain(policy, given)
        const { ip: client, reason } = identity
        expect(again).toMatchObject({ walk: { outcome: { reason } } })
        if ('walk' in again) expect(again.walk.outcome.client).toBe(client)
      }),
    )
  })
})
