import { describe, expect, test } from 'vitest'
import {
  type RangesFormat,
  RangesFormatError,
  type RangesSelect,
} from '../../src/ranges/formats.js'
import { readList } from './read-list.js'

const AWS = JSON.stringify({
  syncToken: '1700000000',
  createDate: '2026-11-01-00-00-00',
  prefixes: [
    { ip_prefix: '3.5.140.0/22', region: 'ap-northeast-2', service: 'AMAZON' },
    { ip_prefix: '13.32.0.0/15', region: 'GLOBAL', service: 'CLOUDFRONT' },
  ],
  ipv6_prefixes: [{ ipv6_prefix: '2600:9000::/28', region: 'GLOBAL', service: 'CLOUDFRONT' }],
})
const GOOGLE = JSON.stringify({
  creationTime: '2026-11-01T00:00:00.0',
  prefixes: [
    { ipv4Prefix: '34.0.0.0/15', service: 'Google Cloud', scope: 'africa-south1' },
    { ipv6Prefix: '2600:1900:8000::/44', service: 'Google Cloud', scope: 'us-east1' },
  ],
})

describe('lists of ranges are read as published', () => {
  test.each<[string, RangesFormat, string, RangesSelect, string[], string | undefined]>([
    [
      'lines',
      'lines',
      '# edge\r\n10.0.0.0/8 ; west\n\n  2001:db8::/32\n10.1.0.1# one\n',
      {},
      ['10.0.0.0/8', '2001:db8::/32', '10.1.0.1'],
      undefined,
    ],
    [
      'AWS, all',
      'aws-ip-ranges',
      AWS,
      {},
      ['3.5.140.0/22', '13.32.0.0/15', '2600:9000::/28'],
      '2026-11-01-00-00-00',
    ],
    [
      'AWS, one service',
      'aws-ip-ranges',
      AWS,
      { service: ['CLOUDFRONT'] },
      ['13.32.0.0/15', '2600:9000::/28'],
      '2026-11-01-00-00-00',
    ],
    [
      'AWS, a service in a region',
      'aws-ip-ranges',
      AWS,
      { service: ['AMAZON', 'EC2'], region: ['GLOBAL'] },
      [],
      '2026-11-01-00-00-00',
    ],
    [
      'Cloudflare as text',
      'cloudflare',
      '173.245.48.0/20\n2400:cb00::/32\n',
      {},
      ['173.245.48.0/20', '2400:cb00::/32'],
      undefined,
    ],
    [
      'Cloudflare as JSON',
      'cloudflare',
      '{"result":{"ipv4_cidrs":["173.245.48.0/20"],"ipv6_cidrs":["2400:cb00::/32"],"etag":"38f7"},"success":true}',
      {},
      ['173.245.48.0/20', '2400:cb00::/32'],
      '38f7',
    ],
    [
      'Fastly',
      'fastly',
      '{"addresses":["23.235.32.0/20"],"ipv6_addresses":["2a04:4e40::/32"]}',
      {},
      ['23.235.32.0/20', '2a04:4e40::/32'],
      undefined,
    ],
    [
      'Google, one scope',
      'google',
      GOOGLE,
      { scope: ['us-east1'] },
      ['2600:1900:8000::/44'],
      '2026-11-01T00:00:00.0',
    ],
    [
      'GitHub, two lists',
      'github',
      '{"verifiable_password_authentication":false,"hooks":["192.30.252.0/22"],"web":["140.82.112.0/20"],"api":["20.0.0.1/32"]}',
      { list: ['hooks', 'api'] },
      ['192.30.252.0/22', '20.0.0.1/32'],
      undefined,
    ],
    [
      'Spamhaus DROP as JSON',
      'spamhaus-drop',
      '{"cidr":"1.10.16.0/20","sblid":"SBL256894","rir":"apnic"}\n{"cidr":"2001:db8::/32","sblid":"SBL1","rir":"ripencc"}\n{"type":"metadata","timestamp":1760000000,"size":2,"records":2}\n',
      {},
      ['1.10.16.0/20', '2001:db8::/32'],
      '1760000000',
    ],
    [
      'Spamhaus DROP as text',
      'lines',
      '; Spamhaus DROP List 2026/11/20\n; Expires: Fri, 20 Nov 2026 09:03:35 GMT\n1.10.16.0/20 ; SBL256894\n',
      {},
      ['1.10.16.0/20'],
      undefined,
    ],
    [
      'a FireHOL netset',
      'lines',
      '#\n# firehol_level1\n#\n# Category        : attacks\n0.0.0.0/8\n224.0.0.0/3\n',
      {},
      ['0.0.0.0/8', '224.0.0.0/3'],
      undefined,
    ],
  ])('%s', (_, format, text, select, entries, version) => {
    expect(readList([text], format, select)).toEqual({ entries, version })
  })

  test.each<[RangesFormat, string, string]>([
    ['fastly', '<html>', 'is not JSON'],
    ['fastly', '[]', 'is not a JSON object'],
    ['fastly', '{"addresses":["23.235.32.0/20"]}', "has no array of strings 'ipv6_addresses'"],
    ['cloudflare', '{"success":false}', "has no 'result'"],
    [
      'aws-ip-ranges',
      '{"prefixes":[],"ipv6_prefixes":[1]}',
      "has no array of objects 'ipv6_prefixes'",
    ],
    [
      'aws-ip-ranges',
      '{"prefixes":[{}],"ipv6_prefixes":[]}',
      'has an entry without ip_prefix or ipv6_prefix',
    ],
    ['google', '{}', "has no array of objects 'prefixes'"],
    ['spamhaus-drop', '{"cidr":"1.10.16.0/20"}\n', 'has no metadata record'],
    ['spamhaus-drop', '{"cidr":"1.10.1', 'is not JSON'],
    ['spamhaus-drop', '{"type":"metadata"}\n{"sblid":"SBL1"}\n', 'has an entry without cidr'],
    ['github', '{"hooks":[]}', "has no array of strings 'nope'"],
  ])('%s: %s is refused', (format, text, message) => {
    const select: RangesSelect = format === 'github' ? { list: ['nope'] } : {}
    expect(() => readList([text], format, select)).toThrow(message)
  })
})

describe('lists of ranges in their less usual shapes', () => {
  const read = (format: RangesFormat, text: string, select: RangesSelect = {}) =>
    readList([text], format, select)

  test('are still of their format behind white space, and with lines of Windows', () => {
    const json = '{"result":{"ipv4_cidrs":["173.245.48.0/20"],"ipv6_cidrs":[]}}'
    expect(read('cloudflare', `\n  ${json}\n`).entries).toEqual(['173.245.48.0/20'])
    expect(read('lines', '10.0.0.0/8\r\n10.1.0.0/16\r\n').entries).toHaveLength(2)
    const records = '{"cidr":"1.10.16.0/20"}\r\n \r\n{"type":"metadata"}\r\n'
    expect(read('spamhaus-drop', records).entries).toEqual(['1.10.16.0/20'])
  })

  test('have no version where the source names none', () => {
    expect(read('spamhaus-drop', '{"type":"metadata"}\n')).toEqual({
      entries: [],
      version: undefined,
    })
    expect(read('aws-ip-ranges', '{"prefixes":[],"ipv6_prefixes":[]}').version).toBeUndefined()
    expect(read('google', '{"prefixes":[],"creationTime":7}').version).toBeUndefined()
  })

  test('have the token of the list for a version where it has no date', () => {
    const aws = '{"syncToken":"1700000000","prefixes":[],"ipv6_prefixes":[]}'
    expect(read('aws-ip-ranges', aws).version).toBe('1700000000')
    expect(read('google', '{"syncToken":"1700000001","prefixes":[]}').version).toBe('1700000001')
  })

  test('keep 128 characters of a version', () => {
    const etag = 'v'.repeat(129)
    const text = JSON.stringify({ result: { ipv4_cidrs: [], ipv6_cidrs: [], etag } })
    expect(read('cloudflare', text).version).toBe(etag.slice(0, 128))
  })

  test('hold nothing of GitHub but the lists asked for', () => {
    expect(read('github', '{"hooks":["192.30.252.0/22"]}').entries).toEqual([])
  })

  test.each<[RangesFormat, string, string]>([
    ['aws-ip-ranges', '{"prefixes":7,"ipv6_prefixes":[]}', "has no array of objects 'prefixes'"],
    ['aws-ip-ranges', '{"prefixes":[]}', "has no array of objects 'ipv6_prefixes'"],
    ['fastly', '{"addresses":"x","ipv6_addresses":[]}', "has no array of strings 'addresses'"],
    ['fastly', '{"addresses":["x",7],"ipv6_addresses":[]}', "has no array of strings 'addresses'"],
    ['google', '{"prefixes":[{"ipv4Prefix":7}]}', 'has an entry without ipv4Prefix or ipv6Prefix'],
    ['cloudflare', '{"result":[]}', "has no 'result'"],
    ['fastly', '{', 'is not JSON'],
    ['fastly', 'null', 'is not a JSON object'],
  ])('%s: %s is refused as a whole', (format, text, message) => {
    expect(() => read(format, text)).toThrow(new RangesFormatError(message))
  })
})
