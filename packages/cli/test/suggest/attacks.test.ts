import { definePolicy, type Evidence, resolve } from '@truehop/identity'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_ANSWERS, type Proposal } from '../../src/suggest/proposal.js'
import { propose } from '../../src/suggest/propose.js'
import { FORGED, proxyHeader } from './recorded.js'

type Headers = Readonly<Record<string, string>>

/** Where the attacker connects from. */
const ATTACKER = '203.0.113.66'
/** All workers of Cloudflare's customers, within the ranges that Cloudflare publishes. */
const WORKER = '2a06:98c0:3600::103'
const BROWSER = { 'user-agent': 'Mozilla/5.0' }

/** What an attacker writes who knows every platform. */
const everything = (victim: string): Headers => ({
  'x-forwarded-for': victim,
  forwarded: `for=${victim}`,
  'x-real-ip': victim,
  'cf-connecting-ip': victim,
  'cf-connecting-ipv6': '2001:db8::66',
  'true-client-ip': victim,
  'x-client-ip': victim,
  'client-ip': victim,
  'fly-client-ip': victim,
  'fastly-client-ip': victim,
  'do-connecting-ip': victim,
  'x-nf-client-connection-ip': victim,
  'x-vercel-forwarded-for': victim,
  'x-azure-socketip': victim,
  'cloudfront-viewer-address': `${victim}:443`,
  'x-iisnode-remote_addr': victim,
  '!~passenger-client-address': victim,
  'x-acme-visitor': victim,
  via: '1.1 vegur, 1.1 google',
  'x-amzn-trace-id': 'Root=1-1',
  'rndr-id': '1',
})

/** How a hop treats what it gets: it appends to one header, or hands everything on. */
type Hop = (client: string, sends: Headers) => Headers
const appends: Hop = (client, sends) => ({
  ...sends,
  'x-forwarded-for': [sends['x-forwarded-for'] ?? [], client].flat().join(', '),
})
const handsOn: Hop = (_, sends) => sends

const victim = (n: number): string => `192.0.2.${1 + (n % 200)}`
const honest = (n: number): string => `198.51.100.${1 + (n % 200)}`

/** One honest request in so many, the others the attacker's. */
function attacked(peer: string, hop: Hop, every = 20, requests = 100): Evidence[] {
  return Array.from({ length: requests }, (_, n) => {
    const isHonest = n % every === every - 1
    const headers = isHonest
      ? hop(honest(n), BROWSER)
      : hop(ATTACKER, { ...BROWSER, ...everything(victim(n)) })
    return { peer, headers, proxyHeaders: [] }
  })
}

const decide = ({ policy }: Proposal, evidence: Evidence) =>
  resolve(definePolicy(policy), evidence).ip

const codes = ({ questions }: Proposal) => questions.map(({ code }) => code)

describe('an attacker with 95 of 100 requests', () => {
  test.each([
    '127.0.0.1',
    '10.0.0.5',
    '10.42.0.8',
    '172.16.17.18',
    '172.18.0.3',
    '192.168.1.5',
    '100.64.0.3',
    '169.254.169.126',
    '127.0.0.6',
    'fd00::5',
    'unix',
    'event',
  ])('makes nobody trusted at %s if the hop passes on what he writes', (peer) => {
    const proposal = propose(attacked(peer, handsOn))
    expect(proposal).toMatchObject({ outcome: 'open', policy: { hops: [] } })
    expect(codes(proposal)).toContain('not-always')
  })

  test.each(['127.0.0.1', '10.0.0.5', '172.16.17.18', '100.64.0.3', '169.254.169.126', 'unix'])(
    'gets none of his headers believed at %s where the hop appends to one',
    (peer) => {
      const proposal = propose(attacked(peer, appends))
      expect(proposal.outcome).toBe('proposed')
      const forged = { peer, headers: appends(ATTACKER, everything(FORGED)), proxyHeaders: [] }
      expect(decide(proposal, forged)).toBe(ATTACKER)
      const plain = { peer, headers: appends('198.51.100.77', {}), proxyHeaders: [] }
      expect(decide(proposal, plain)).toBe('198.51.100.77')
    },
  )

  test.each(['127.0.0.1', '10.0.0.5', '10.42.0.8', '192.168.1.5', 'unix'])(
    'and even with all of them gets nobody trusted at %s, where the hop appends',
    (peer) => {
      // But for the headers of platforms whose addresses are the same: there all of it could be true.
      const samples = attacked(peer, appends, Number.POSITIVE_INFINITY).map((evidence) => ({
        ...evidence,
        headers: {
          ...evidence.headers,
          'do-connecting-ip': undefined,
          'x-vercel-forwarded-for': undefined,
          'x-iisnode-remote_addr': undefined,
          '!~passenger-client-address': undefined,
        },
      }))
      const proposal = propose(samples)
      expect(proposal).toMatchObject({ outcome: 'open', policy: { hops: [] } })
      expect(codes(proposal)).toEqual(['own-proxy'])
    },
  )

  test('is not a proxy by his own word, from however many public addresses', () => {
    const direct = Array.from({ length: 100 }, (_, n) =>
      n % 20 === 19
        ? { peer: honest(n), headers: BROWSER, proxyHeaders: [] }
        : {
            peer: `203.0.113.${n}`,
            headers: everything(victim(n)),
            proxyHeaders: [proxyHeader(victim(n))],
          },
    )
    expect(propose(direct)).toMatchObject({ outcome: 'nobody', policy: { hops: [] } })
  })

  test('is a question where he is the only one', () => {
    const direct = Array.from({ length: 50 }, (_, n) => ({
      peer: ATTACKER,
      headers: everything(victim(n)),
    }))
    const proposal = propose(direct)
    expect(proposal).toMatchObject({ outcome: 'open', policy: { hops: [] } })
    expect(codes(proposal)).toEqual(['one-public-peer'])
  })

  test('gets no second hop by coming through a worker or a VPN of a platform', () => {
    const samples = Array.from({ length: 100 }, (_, n) => ({
      peer: '10.0.1.4',
      headers: n % 5 < 2 ? appends(WORKER, everything(victim(n))) : appends(honest(n), BROWSER),
      proxyHeaders: [],
    }))
    const proposal = propose(samples)
    expect(codes(proposal)).toContain('few-from-platform')
    const forged = appends(WORKER, everything(FORGED))
    expect(decide(proposal, { peer: '10.0.1.4', headers: forged })).toBe(WORKER)
  })

  test('cannot have the last entry taken for a balancer', () => {
    const samples = attacked('169.254.169.126', appends)
    expect(JSON.stringify(propose(samples).policy)).not.toMatch(/depth|gcp-load-balancer/)
  })

  test('cannot hide honest requests as health checks', () => {
    const samples = attacked('10.0.0.5', handsOn).map((evidence, n) =>
      n % 20 < 10
        ? { ...evidence, headers: { ...evidence.headers, 'user-agent': 'kube-probe/1.30' } }
        : evidence,
    )
    expect(propose(samples).policy.hops).toEqual([])
  })

  test('is said to be possible where his address is private', () => {
    const samples = Array.from({ length: 40 }, (_, n) => ({
      peer: '10.0.7.7',
      headers: everything(victim(n)),
      proxyHeaders: [],
    }))
    expect(codes(propose(samples))).toEqual(expect.arrayContaining(['who-else', 'writes-it']))
  })

  const header = fc.constantFrom(...Object.keys(everything('')))
  const value = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.array(fc.ipV4(), { maxLength: 4 }).map((all) => all.join(', ')),
    fc.string({ maxLength: 30 }),
  )
  const forgery = fc.dictionary(header, value, { maxKeys: 8 })
  const peers = fc.constantFrom('127.0.0.1', '10.0.0.5', '172.16.17.18', '100.64.0.3', 'unix')

  test('never has any address of his choice decided behind a hop that appends', () => {
    fc.assert(
      fc.property(peers, fc.array(forgery, { minLength: 5, maxLength: 30 }), (peer, forgeries) => {
        const by = (client: string, sends: Headers) => ({
          peer,
          headers: appends(client, { ...BROWSER, ...sends }),
          proxyHeaders: [],
        })
        const honestly = [by('198.51.100.1', {}), by('198.51.100.2', {})]
        const proposal = propose([...forgeries.map((sends) => by(ATTACKER, sends)), ...honestly])
        for (const sends of [everything(FORGED), ...forgeries]) {
          expect([ATTACKER, undefined, peer]).toContain(decide(proposal, by(ATTACKER, sends)))
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('a sample that proves nothing', () => {
  const through = (headers: Headers, peer = '10.0.0.5', count = 20): Evidence[] =>
    Array.from({ length: count }, () => ({ peer, headers, proxyHeaders: [] }))

  test.each<[what: string, samples: readonly Evidence[], code: string]>([
    ['is empty', [], 'no-requests'],
    ['has no peers', [{ peer: undefined, headers: {} }], 'no-requests'],
    ['has health checks alone', through({ 'user-agent': 'ELB-HealthChecker/2.0' }), 'no-requests'],
    ['has no header of a client', through(BROWSER), 'not-always'],
    ['has one client', through({ 'x-forwarded-for': '198.51.100.7' }), 'one-client'],
    [
      'has a header alone that hops hand on',
      [1, 2, 3, 4].flatMap((n) => through({ 'x-azure-clientip': honest(n) })),
      'not-always',
    ],
    ['has text that is no address', through({ 'x-forwarded-for': 'unknown' }), 'one-client'],
    [
      'has a header on some requests',
      [...through({ 'x-forwarded-for': '198.51.100.7' }), ...through(BROWSER)],
      'not-always',
    ],
    [
      'has a peer that is silent',
      [
        ...through({ 'x-forwarded-for': '198.51.100.7' }),
        ...through({ 'x-forwarded-for': '198.51.100.8' }),
        ...through(BROWSER, '10.0.0.9'),
      ],
      'not-always',
    ],
    [
      'ends at one public address',
      Array.from({ length: 20 }, (_, n) => ({
        peer: '10.0.1.30',
        headers: {},
        proxyHeaders: [proxyHeader('192.0.2.10'), proxyHeader(honest(n))],
      })),
      'own-proxy',
    ],
  ])('%s: a question and no trust', (_, samples, code) => {
    const proposal = propose(samples)
    expect(proposal).toMatchObject({ outcome: 'open', policy: { hops: [] } })
    expect(codes(proposal)).toContain(code)
    expect(proposal.questions.every(({ answer }) => answer !== '')).toBe(true)
  })
})

describe('what a person answers', () => {
  const clients = [0, 1, 2, 3, 4, 5].map(honest)
  const through = (hop: Hop, sends: Headers = {}) =>
    clients.map((client) => ({ peer: '10.0.0.5', headers: hop(client, { ...BROWSER, ...sends }) }))

  test('a test request that is believed shows that the hop passes headers on', () => {
    const forgedByAll = clients.map((client) => ({
      peer: '10.0.0.5',
      headers: { 'x-forwarded-for': client },
    }))
    const tested = { peer: '10.0.0.5', headers: { 'x-forwarded-for': FORGED } }
    const proposal = propose([...forgedByAll, tested], { ...NO_ANSWERS, forged: [FORGED] })
    expect(proposal).toMatchObject({ outcome: 'open', policy: { hops: [] } })
    expect(codes(proposal)).toEqual(['forgery-believed'])
  })

  test('one that is not believed settles who writes the header', () => {
    const tested = {
      peer: '10.0.0.5',
      headers: appends('198.51.100.9', { 'x-forwarded-for': FORGED }),
    }
    const samples = [...through(appends), tested]
    expect(codes(propose(samples))).toContain('writes-it')
    const proposal = propose(samples, { ...NO_ANSWERS, forged: [FORGED] })
    expect(proposal.outcome).toBe('proposed')
    expect(codes(proposal)).not.toContain('writes-it')
  })

  test('own proxies are distinguished from other machines in the network', () => {
    const quiet = { peer: '10.0.0.9', headers: BROWSER }
    const proposal = propose([...through(appends), quiet], { ...NO_ANSWERS, own: ['10.0.0.5'] })
    expect(proposal.policy.hops).toEqual([
      { name: 'proxy', from: ['10.0.0.5'], asserts: 'x-forwarded-for' },
    ])
  })

  test('a public proxy of one’s own is trusted when it is named', () => {
    const samples = clients.map((client) => ({
      peer: '203.0.113.5',
      headers: appends(client, BROWSER),
    }))
    expect(propose(samples).outcome).toBe('open')
    const proposal = propose(samples, { ...NO_ANSWERS, own: ['203.0.113.5'] })
    expect(decide(proposal, { peer: '203.0.113.5', headers: appends(honest(9), {}) })).toBe(
      honest(9),
    )
  })

  test('a platform that is named is believed with one client', () => {
    const one = [{ peer: '10.1.2.3', headers: { 'x-forwarded-for': '198.51.100.7' } }]
    expect(propose(one).outcome).toBe('open')
    expect(propose(one, { ...NO_ANSWERS, platform: 'heroku' }).policy.hops).toEqual([
      { platform: 'heroku' },
    ])
  })
})
