import type { ProxyHeader } from '@truehop/proxy-protocol/wire'
import { describe, expect, test } from 'vitest'
import { definePolicy, explain, resolve } from '../src/portable.js'

const POLICY = definePolicy({
  hops: [
    { name: 'nlb', from: ['10.0.0.0/8'], asserts: 'proxy-protocol' },
    { name: 'lb', from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' },
  ],
})
const STREAM = { version: 2, command: 'PROXY', transport: 'STREAM', tlvs: [] } as const

function from(address: string, family: 'INET' | 'INET6' = 'INET'): ProxyHeader {
  const destination = { address: family === 'INET' ? '10.0.0.9' : '2001:db8::9', port: 443 }
  return { ...STREAM, family, source: { address, port: 1234 }, destination }
}

const UNIX: ProxyHeader = {
  ...STREAM,
  family: 'UNIX',
  source: { path: '/run/a"b' },
  destination: { path: '' },
}
const LOCAL: ProxyHeader = { ...STREAM, command: 'LOCAL', family: 'UNSPEC', transport: 'UNSPEC' }

const read = (...proxyHeaders: ProxyHeader[]) =>
  explain(POLICY, { peer: '10.0.0.5', proxyHeaders }).steps.map(({ entry }) => entry)

describe('a PROXY header in an explanation', () => {
  test.each<[ProxyHeader, string]>([
    [from('198.51.100.7'), 'v2 PROXY INET STREAM 198.51.100.7:1234 > 10.0.0.9:443'],
    [from('2001:db8::7', 'INET6'), 'v2 PROXY INET6 STREAM [2001:db8::7]:1234 > [2001:db8::9]:443'],
    [UNIX, 'v2 PROXY UNIX STREAM unix:"/run/a\\"b" > unix:""'],
    [LOCAL, 'v2 LOCAL UNSPEC UNSPEC'],
  ])('%#: %s', (header, text) => {
    expect(read(header)).toEqual([text])
  })

  test('with one end only is shown without either', () => {
    const whole = from('198.51.100.7')
    const { source, destination, ...ends } = whole
    const [sourceOnly, destinationOnly] = [
      { ...ends, ...(source && { source }) },
      { ...ends, ...(destination && { destination }) },
    ]
    expect(read(sourceOnly)).toEqual(['v2 PROXY INET STREAM'])
    expect(read(destinationOnly)).toEqual(['v2 PROXY INET STREAM'])
  })

  test('is listed as ignored where the walk ended before it', () => {
    const headers = [from('198.51.100.7'), from('198.51.100.8'), LOCAL]
    const { ignored } = explain(POLICY, { peer: '10.0.0.5', proxyHeaders: headers })
    expect(ignored.map(({ text }) => text)).toEqual([
      'v2 PROXY INET STREAM 198.51.100.8:1234 > 10.0.0.9:443, v2 LOCAL UNSPEC UNSPEC',
    ])
  })
})

describe('a PROXY header without a usable source', () => {
  test.each<[string, ProxyHeader, string]>([
    ['a path', UNIX, 'unidentified-node'],
    ['text that is no address', from('localhost'), 'unidentified-node'],
    ['the unspecified address', from('0.0.0.0'), 'unspecified-address'],
  ])('%s names nobody', (_, header, reason) => {
    const identity = resolve(POLICY, { peer: '10.0.0.5', proxyHeaders: [header] })
    expect(identity).toMatchObject({ status: 'undetermined', reason })
  })
})

describe('the place of a value beside X-Forwarded-For', () => {
  const headers = {
    'x-forwarded-for': '198.51.100.7, 10.0.0.6',
    'x-forwarded-proto': 'https, http',
    host: 'a.example',
  }

  test('does not count PROXY headers', () => {
    const one = { ...headers, 'x-forwarded-for': '198.51.100.7' }
    const evidence = { peer: '10.0.0.5', headers: one, proxyHeaders: [from('10.0.0.4')] }
    expect(resolve(POLICY, evidence).protocol).toBe('http')
  })

  test('counts each element that was read', () => {
    const evidence = { peer: '10.0.0.5', headers, proxyHeaders: [] }
    expect(resolve(POLICY, evidence).protocol).toBe('https')
  })

  test('counts the elements that a depth passes over', () => {
    const counted = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for', depth: 2 })
    expect(resolve(counted, { peer: '10.0.0.5', headers }).protocol).toBe('https')
  })

  test('is completed by a port, also for IPv6', () => {
    const ported = {
      ...headers,
      'x-forwarded-host': '[2001:db8::1]',
      'x-forwarded-port': '8443',
    }
    const evidence = { peer: '10.0.0.5', headers: ported, proxyHeaders: [] }
    const original = ['proto', 'host', 'port'] as const
    const vouched = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for', original })
    expect(resolve(vouched, evidence).host).toBe('[2001:db8::1]:8443')
    expect(resolve(POLICY, evidence).host).toBe('a.example')
  })
})
