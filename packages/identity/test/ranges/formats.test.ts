import { describe, expect, it } from 'vitest'
import { type RangesFormat, type RangesSelect, readRanges } from '../../src/ranges/formats.js'

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
  it.each<[string, RangesFormat, string, RangesSelect, string[], string | undefined]>([
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
    expect(readRanges(text, format, select)).toEqual({ entries, version })
  })

  it.each<[RangesFormat, string, string]>([
    ['fastly', '<html>', 'is no JSON'],
    ['fastly', '[]', 'is no JSON object'],
    ['fastly', '{"addresses":["23.235.32.0/20"]}', "has no list of texts 'ipv6_addresses'"],
    ['cloudflare', '{"success":false}', "has no 'result'"],
    [
      'aws-ip-ranges',
      '{"prefixes":[],"ipv6_prefixes":[1]}',
      "has no list of records 'ipv6_prefixes'",
    ],
    [
      'aws-ip-ranges',
      '{"prefixes":[{}],"ipv6_prefixes":[]}',
      'has an entry without ip_prefix or ipv6_prefix',
    ],
    ['google', '{}', "has no list of records 'prefixes'"],
    ['spamhaus-drop', '{"cidr":"1.10.16.0/20"}\n', 'has no metadata record'],
    ['spamhaus-drop', '{"cidr":"1.10.1', 'is no JSON'],
    ['spamhaus-drop', '{"type":"metadata"}\n{"sblid":"SBL1"}\n', 'has an entry without cidr'],
    ['github', '{"hooks":[]}', "has no list of texts 'nope'"],
  ])('%s: %s is refused', (format, text, message) => {
    const select: RangesSelect = format === 'github' ? { list: ['nope'] } : {}
    expect(() => readRanges(text, format, select)).toThrow(message)
  })
})
