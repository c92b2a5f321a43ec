import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineAllowlist, type VerifiedCrawlers, verifiedCrawlers } from '@truehop/allowlist'
import { PrefixSet } from '@truehop/ip'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { clientAt, undetermined } from '../../packages/allowlist/test/identities.js'
import { describeWithPeers, peerPath } from '../peers/harness/peer.js'
import { freePort } from '../peers/harness/ports.js'

const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

/** `--host-record` writes both directions; `--ptr-record` what the owner of the address alone says. */
const ZONE = [
  '--host-record=crawl-203-0-113-1.googlebot.com,203.0.113.1',
  '--host-record=crawl-6.googlebot.com,2001:db8::1',
  '--host-record=crawl-203-0-113-9.googlebot.com,203.0.113.9',
  // Says that he is Google's, and Google does not.
  '--ptr-record=2.113.0.203.in-addr.arpa,crawl-203-0-113-9.googlebot.com',
  '--ptr-record=3.113.0.203.in-addr.arpa,nowhere.googlebot.com',
  // Names that only look like Google's.
  '--host-record=crawl.googlebot.com.example.net,203.0.113.4',
  '--host-record=evilgooglebot.com,203.0.113.5',
  // Both directions are Google's, and whoever rents a machine or has something fetched is behind them.
  '--host-record=8.113.0.203.bc.googleusercontent.com,203.0.113.8',
  '--host-record=203-0-113-10.gae.googleusercontent.com,203.0.113.10',
  '--host-record=google-proxy-203-0-113-11.google.com,203.0.113.11',
  '--host-record=msnbot-203-0-113-6.search.msn.com,203.0.113.6',
]

describeWithPeers(['dnsmasq'], 'crawlers that are verified by a DNS server', () => {
  let server: ChildProcess
  let address: string
  const open: VerifiedCrawlers[] = []

  beforeAll(async () => {
    const port = await freePort()
    address = `127.0.0.1:${port}`
    const own = ['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts']
    const bound = [`--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces']
    // Answers for all names, so that none is asked of anybody else.
    const local = ['--local=/#/', '--user=root', '--pid-file=']
    server = spawn(peerPath('dnsmasq'), [...own, ...bound, ...local, ...ZONE], { stdio: 'ignore' })
    await answering(address)
  })

  afterAll(async () => {
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
  })

  afterEach(() => {
    for (const each of open.splice(0)) each.close()
  })

  function crawlers(options: object = {}): VerifiedCrawlers {
    const made = verifiedCrawlers({
      crawlers: ['googlebot', 'bingbot'],
      servers: [address],
      ...options,
    })
    open.push(made)
    return made
  }

  test.each<[string, string, string, boolean]>([
    ['has a name of Google with this address', '203.0.113.1', GOOGLEBOT, true],
    ['the same over IPv6', '2001:db8::1', GOOGLEBOT, true],
    ['has a name of Google with another address', '203.0.113.2', GOOGLEBOT, false],
    ['has a name of Google that is not there', '203.0.113.3', GOOGLEBOT, false],
    ['has a name that begins like Google’s', '203.0.113.4', GOOGLEBOT, false],
    ['has a name that ends like Google’s', '203.0.113.5', GOOGLEBOT, false],
    ['rents a machine of Google', '203.0.113.8', GOOGLEBOT, false],
    ['runs on the App Engine', '203.0.113.10', GOOGLEBOT, false],
    ['has something fetched by Google', '203.0.113.11', GOOGLEBOT, false],
    ['has a name of Microsoft', '203.0.113.6', GOOGLEBOT, false],
    ['has a name of Microsoft, and says so', '203.0.113.6', 'x bingbot/2.0', true],
    ['has no name', '203.0.113.7', GOOGLEBOT, false],
    ['does not claim to be one', '203.0.113.1', 'curl/8', false],
  ])('a client that %s', async (_name, ip, userAgent, isOne) => {
    const made = crawlers()
    const identity = clientAt(ip)
    // Nothing waits: the first request is undetermined.
    expect(made.isVerified(identity, userAgent)).toBe(false)
    await made.settled()
    expect(made.isVerified(identity, userAgent)).toBe(isOne)
    expect(made.status().size).toBe(isOne ? 1 : 0)
  })

  test('are a source of lists, and bots in access records', async () => {
    const made = crawlers()
    const identity = clientAt('203.0.113.1')
    made.isVerified(identity, GOOGLEBOT)
    await made.settled()
    const list = defineAllowlist({ allow: [made] })
    expect(list.decide(identity)).toMatchObject({
      allowed: true,
      entry: 'googlebot',
      source: 'crawlers',
    })
    expect(list.decide(clientAt('203.0.113.2')).allowed).toBe(false)
    if (identity.status !== 'resolved') throw new Error('undetermined')
    expect(made.facts(identity.address)).toEqual({ synthetic: 'bot', crawler: 'googlebot' })
    expect(made.isVerified(undetermined(), GOOGLEBOT)).toBe(false)
  })

  test('those whose addresses are published need no DNS', () => {
    const ranges = PrefixSet.from(['198.51.100.0/24'])
    const made = crawlers({ crawlers: [{ name: 'ours', hosts: [], ranges }] })
    expect(made.isVerified(clientAt('198.51.100.7'), 'Ours/1.0')).toBe(true)
    expect(made.isVerified(clientAt('203.0.113.1'), 'Ours/1.0')).toBe(false)
  })

  test('addresses without end push out others like them, and no crawler', async () => {
    const made = crawlers({ maxEntries: 100 })
    made.isVerified(clientAt('203.0.113.1'), GOOGLEBOT)
    await made.settled()
    for (let i = 0; i < 150; i++) {
      made.isVerified(clientAt(`198.51.${i}.1`), GOOGLEBOT)
      if (i % 10 === 9) await made.settled()
    }
    expect(made.isVerified(clientAt('203.0.113.1'), GOOGLEBOT)).toBe(true)
  })

  test('a DNS server that does not answer makes nobody a crawler, and nobody wait', async () => {
    const made = crawlers({ servers: [`127.0.0.1:${await freePort()}`] })
    expect(made.isVerified(clientAt('203.0.113.1'), GOOGLEBOT)).toBe(false)
    await made.settled()
    expect(made.isVerified(clientAt('203.0.113.1'), GOOGLEBOT)).toBe(false)
  })
})

test('a network whose names nobody answers for takes no place from others', async () => {
  const silent = createSocket('udp4')
  const asked = new Set<string>()
  silent.on('message', (question) => asked.add(nameIn(question)))
  silent.bind(0, '127.0.0.1')
  await once(silent, 'listening')
  const made = verifiedCrawlers({
    crawlers: ['googlebot'],
    servers: [`127.0.0.1:${silent.address().port}`],
  })
  for (let i = 1; i <= 64; i++) made.isVerified(clientAt(`2001:db8:1:${i}::1`), GOOGLEBOT)
  made.isVerified(clientAt('203.0.113.1'), GOOGLEBOT)
  await expect.poll(() => asked.size).toBe(5)
  expect(asked).toContain('1.113.0.203.in-addr.arpa')
  made.close()
  await made.settled()
  silent.close()
})

/** Of a question (RFC 1035 section 4.1.2): behind a header of twelve bytes, labels with their length. */
function nameIn(question: Buffer): string {
  const labels: string[] = []
  for (let at = 12; (question[at] ?? 0) > 0; at += 1 + (question[at] ?? 0)) {
    labels.push(question.toString('latin1', at + 1, at + 1 + (question[at] ?? 0)))
  }
  return labels.join('.')
}

test.each<[object, string]>([
  [
    { crawlers: ['googelbot'] },
    'crawlers[0]: must be one of googlebot, bingbot, applebot, yandexbot',
  ],
  [{ crawlers: [] }, 'crawlers: must be a non-empty array'],
  [{ crawlers: [{ name: 'x', hosts: ['com'] }] }, 'crawlers[0]: must be one of'],
  [{ crawlers: [{ name: 'x', hosts: [] }] }, 'crawlers[0]: must be one of'],
  [
    { crawlers: ['googlebot'], servers: ['dns.example'] },
    'servers: must be addresses of DNS servers',
  ],
])('%j is refused', (options, message) => {
  const given = options as Parameters<typeof verifiedCrawlers>[0]
  expect(() => verifiedCrawlers(given)).toThrow(message)
})

async function answering(server: string): Promise<void> {
  const resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([server])
  for (let tries = 0; tries < 400; tries++) {
    const names = await resolver.resolve4('crawl-203-0-113-1.googlebot.com').catch(() => [])
    if (names.length > 0) return
    await sleep(50)
  }
  throw new Error('dnsmasq does not answer')
}
