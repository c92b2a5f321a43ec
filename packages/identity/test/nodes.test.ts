import { describe, expect, test } from 'vitest'
import { definePolicy, type Evidence, type PolicyOptions, resolve } from '../src/portable.js'

const XFF = { trust: ['10.0.0.0/8', 'unix'], header: 'x-forwarded-for' }

function identify(policy: PolicyOptions, evidence: Evidence) {
  return resolve(definePolicy(policy), evidence)
}

describe('the nodes of an identity', () => {
  test.each<[string, PolicyOptions, string | undefined, string | undefined, string[]]>([
    ['the socket peer alone', XFF, '192.0.2.1', '6.6.6.6', ['192.0.2.1']],
    ['client first, peer last', XFF, '10.0.0.5', '6.6.6.6, 192.0.2.1', ['192.0.2.1', '10.0.0.5']],
    [
      'every hop between',
      XFF,
      '::ffff:10.0.0.5',
      '192.0.2.1:80, 10.0.0.2, 10.0.0.3',
      ['192.0.2.1', '10.0.0.2', '10.0.0.3', '10.0.0.5'],
    ],
    ['a Unix-socket peer', XFF, 'unix', '192.0.2.1', ['192.0.2.1', 'unix']],
    [
      'none of those that depth passes over',
      { ...XFF, depth: 2 },
      '10.0.0.5',
      '192.0.2.1, x',
      ['192.0.2.1', '10.0.0.5'],
    ],
    [
      'undetermined: those reached',
      XFF,
      '10.0.0.5',
      '192.0.2.1, unknown, 10.0.0.2',
      ['10.0.0.2', '10.0.0.5'],
    ],
    ['no peer', XFF, undefined, '192.0.2.1', []],
  ])('are %s', (_, policy, peer, list, expected) => {
    const headers = { 'x-forwarded-for': list }
    expect(identify(policy, { peer, headers }).nodes).toEqual(expected)
  })
})

describe('an identity', () => {
  const resolved = identify(XFF, { peer: '10.0.0.5', headers: { 'x-forwarded-for': '192.0.2.1' } })
  const undetermined = identify(XFF, { peer: undefined })

  test.each([resolved, undetermined])('cannot be changed by those who get it', (identity) => {
    const before = JSON.stringify(identity)
    for (const key of ['status', 'ip', 'address', 'reason', 'peer', 'nodes', 'protocol', 'rule']) {
      Reflect.set(identity, key, '6.6.6.6')
      Object.freeze(identity.nodes)
    }
    Reflect.set(identity.address ?? {}, 'family', 6)
    Reflect.set(identity.address ?? {}, 'i3', 0)
    Reflect.set(identity.nodes, 0, '6.6.6.6')
    expect(JSON.stringify(identity)).toBe(before)
    expect([identity.ip, identity.status]).toEqual(
      identity === resolved ? ['192.0.2.1', 'resolved'] : [undefined, 'undetermined'],
    )
  })

  test('has an address or a reason to show', () => {
    expect([resolved, undetermined].map((identity) => identity.ip ?? identity.reason)).toEqual([
      '192.0.2.1',
      'no-peer',
    ])
  })
})

describe("nobody's addresses", () => {
  test.each([
    ['0.0.0.0', 'unspecified-address'],
    ['::', 'unspecified-address'],
    ['::ffff:0.0.0.0', 'unspecified-address'],
    ['230.0.0.1', 'multicast-address'],
    ['255.255.255.255', 'multicast-address'],
    ['ff02::1', 'multicast-address'],
  ])(
    '%s names nobody as peer, in a list, in a header of one address, in a PROXY header',
    (ip, why) => {
      const any = (header: string) => ({ trust: ['any'], header })
      const inside = '10.0.0.5'
      const proxyHeader = {
        version: 2,
        command: 'PROXY',
        family: 'INET',
        transport: 'STREAM',
        source: { address: ip, port: 1 },
        destination: { address: '10.0.0.9', port: 443 },
        tlvs: [],
      } as const
      const forwarded = ip.includes(':') ? `for="[${ip}]"` : `for=${ip}`
      const answers = [
        identify({ hops: [] }, { peer: ip }),
        identify(any('x-forwarded-for'), { peer: inside, headers: { 'x-forwarded-for': ip } }),
        identify(any('forwarded'), { peer: inside, headers: { forwarded } }),
        identify(any('x-real-ip'), { peer: inside, headers: { 'x-real-ip': ip } }),
        identify(any('proxy-protocol'), { peer: inside, proxyHeaders: [proxyHeader] }),
      ]
      expect(answers.map(({ reason }) => reason)).toEqual(answers.map(() => why))
    },
  )
})

describe('a header of address and port', () => {
  const viewer = { trust: ['10.0.0.0/8'], header: 'cloudfront-viewer-address' }
  test.each<[string, string, number | undefined]>([
    ['2001:db8:0:a::7:46532', '2001:db8:0:a::7', 46532],
    ['2001:db8:0:a::7:9985', '2001:db8:0:a::7', 9985],
    ['[2001:db8::7]:443', '2001:db8::7', 443],
    ['198.51.100.7:443', '198.51.100.7', 443],
    ['198.51.100.7', 'unidentified-node', undefined],
    ['[2001:db8::7]', 'unidentified-node', undefined],
    ['198.51.100.7:', 'unidentified-node', undefined],
    ['198.51.100.7:65536', 'unidentified-node', undefined],
    [':443', 'unidentified-node', undefined],
    ['198.51.100.7:1, 6.6.6.6:1', 'ambiguous-single-header', undefined],
  ])('%s is %s', (text, client, port) => {
    const headers = { 'cloudfront-viewer-address': text }
    const identity = identify(viewer, { peer: '10.0.0.5', headers })
    expect([identity.ip ?? identity.reason, identity.port]).toEqual([client, port])
  })

  test('can be one of your own', () => {
    const own = { ...viewer, header: 'x-edge-visitor', custom: true, form: 'address:port' } as const
    const headers = { 'x-edge-visitor': '2001:db8::7:443' }
    expect(identify(own, { peer: '10.0.0.5', headers }).ip).toBe('2001:db8::7')
  })
})

describe('translated addresses', () => {
  const unmap = ['64:ff9b::/96', '2001:db8:122:344::/64', '2001:db8:100::/40']

  test.each([
    // RFC 6052 section 2.4, with the prefixes of its table.
    ['64:ff9b::c000:221', '192.0.2.33'],
    ['2001:db8:122:344:c0:2:2100::', '192.0.2.33'],
    ['2001:db8:1c0:2:21::', '192.0.2.33'],
    // Section 2.2: bits 64 to 71 and the suffix are zero.
    ['2001:db8:122:344:1c0:2:2100::', '2001:db8:122:344:1c0:2:2100:0'],
    ['2001:db8:122:344:c0:2:2100:1', '2001:db8:122:344:c0:2:2100:1'],
    // Section 3.1: the well-known prefix is for global addresses only.
    ['64:ff9b::10.0.0.5', '64:ff9b::a00:5'],
    ['64:ff9b::e600:1', undefined],
    ['2001:db8::1', '2001:db8::1'],
  ])('%s is %s, from the peer and from a header', (written, client) => {
    const headers = { 'x-forwarded-for': written }
    const asPeer = identify({ hops: [], unmap }, { peer: written })
    const inHeader = identify({ ...XFF, unmap }, { peer: '10.0.0.5', headers })
    expect([asPeer.ip, inHeader.ip]).toEqual([client, client])
  })

  test('stay as they are unless their prefix is named', () => {
    expect(identify({ hops: [] }, { peer: '64:ff9b::c000:221' }).ip).toBe('64:ff9b::c000:221')
  })

  test('are trusted as the IPv4 proxies that they represent', () => {
    const policy = { trust: ['192.0.2.33'], header: 'x-forwarded-for', unmap }
    const headers = { 'x-forwarded-for': '198.51.100.7' }
    const identity = identify(policy, { peer: '64:ff9b::c000:221', headers })
    expect(identity.nodes).toEqual(['198.51.100.7', '192.0.2.33'])
    expect(identity.peer).toBe('64:ff9b::c000:221')
  })
})
