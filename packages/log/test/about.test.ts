import { definePolicy, resolve } from '@truehop/identity/portable'
import { describe, expect, test } from 'vitest'
import type { AccessLogOptions, ClientKnowledge } from '../src/index.js'
import { AccessLog } from '../src/record/access-log.js'
import type { Exchange } from '../src/record/exchange.js'

const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })

const geo: ClientKnowledge = {
  facts: ({ text }) =>
    text === '203.0.113.7' ? { country: 'DE', asn: 64_500, organization: 'Example\nNetworks' } : {},
}
const crawlers: ClientKnowledge = { facts: () => ({ synthetic: 'bot', crawler: 'googlebot' }) }

function exchange(header: string): Exchange {
  return {
    identity: resolve(policy, { peer: '10.0.0.1', headers: { 'x-forwarded-for': header } }),
    method: 'GET',
    target: '/',
    scheme: 'https',
    httpVersion: '1.1',
    route: undefined,
    status: 200,
    bytes: 0,
    startedAt: 0,
    duration: 1,
    aborted: false,
    requestId: undefined,
    userAgent: 'Googlebot',
    referer: undefined,
    headers: {},
    anomalies: [],
    notes: [],
  }
}

function recordOf(options: Partial<AccessLogOptions>, header = '203.0.113.7') {
  return new AccessLog({ address: 'full', ...options }).record(exchange(header)).fields
}

describe('what is known of a client', () => {
  test('stands in its record under the names of OpenTelemetry', () => {
    expect(recordOf({ about: [geo, crawlers] })).toMatchObject({
      'client.address': '203.0.113.7',
      'client.geo.country.iso_code': 'DE',
      'client.as.number': 64_500,
      'client.as.organization.name': 'Example\\x0aNetworks',
      'user_agent.original': 'Googlebot',
      'user_agent.synthetic.type': 'bot',
      'truehop.crawler': 'googlebot',
    })
  })

  test('and of the Elastic Common Schema', () => {
    expect(recordOf({ fields: 'ecs', about: [geo, crawlers] })).toMatchObject({
      client: {
        ip: '203.0.113.7',
        geo: { country_iso_code: 'DE' },
        as: { number: 64_500, organization: { name: 'Example\\x0aNetworks' } },
      },
      user_agent: { original: 'Googlebot', synthetic: { type: 'bot' } },
      truehop: { identity: { status: 'resolved' }, crawler: 'googlebot' },
    })
  })

  test('is left out where nothing is known, or nobody knows who the client is', () => {
    expect(recordOf({ about: [geo] }, '198.51.100.7')).toEqual(recordOf({}, '198.51.100.7'))
    expect(recordOf({ about: [geo, crawlers] }, 'unknown')).toEqual(recordOf({}, 'unknown'))
  })

  test('a source that throws costs no record', () => {
    const broken: ClientKnowledge = {
      facts: () => {
        throw new Error('broken')
      },
    }
    expect(recordOf({ about: [broken, geo] })).toMatchObject({ 'client.as.number': 64_500 })
  })

  test('what knows nothing, and a format without a place for it, are refused', () => {
    const wrong: object = { about: [{}] }
    expect(() => recordOf(wrong)).toThrow('about[0]: must be an object with facts(address)')
    expect(() => recordOf({ fields: 'combined', about: [geo] })).toThrow("write fields: 'otel'")
  })
})
