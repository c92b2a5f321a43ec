import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { misfits, unreachable } from './addresses.js'
import { pages, root } from './code-blocks.js'

/** Pages that show one service with what is in front of it; others collect examples that have nothing to do with each other. */
const ONE_SERVICE =
  /^(README|docs\/(guides|platforms|topologies|ways)\/.*|docs\/(running|docker-image|grpc|graphql|sessions|sockets|nestjs|commonjs|pm2|suggest))\.md$/

const checked = pages.filter((page) => ONE_SERVICE.test(page))

test.each(checked)('what %s says of addresses fits together', (page) => {
  expect(misfits(page, readFileSync(join(root, page), 'utf8'))).toEqual([])
})

test.each(pages)('the proxies that %s trusts can reach its programs', (page) => {
  expect(unreachable(page, readFileSync(join(root, page), 'utf8'))).toEqual([])
})

const block = (language: string, ...lines: readonly string[]): string =>
  ['```'.concat(language), ...lines, '```', ''].join('\n')

const haproxy = (server: string) => block('haproxy', 'backend b', `  server s ${server}`)
const policy = (from: string) => block('json', `{ "hops": [{ "name": "a", "from": ["${from}"] }] }`)
const listening = (host: string, port = 3000) =>
  block('js', `await app.listen({ host: '${host}', port: ${port} })`)
const inspector = block(
  'js',
  "app.register(inspector, { prefix: '/_truehop', hosts: ['app.example.com'] })",
)

const WRONG: Readonly<Record<string, readonly [page: string, finding: RegExp]>> = {
  'HAProxy on the same machine, and a policy that trusts another address': [
    haproxy('127.0.0.1:3000') + policy('10.0.0.5'),
    /no rule trusts loopback/,
  ],
  'a service that listens on loopback, and a proxy on another machine': [
    haproxy('10.0.1.7:3000') + policy('10.0.0.5') + listening('127.0.0.1'),
    /listens on loopback only/,
  ],
  'another port': [
    haproxy('10.0.1.7:3001') + policy('10.0.0.5') + listening('0.0.0.0'),
    /nothing listens on that port/,
  ],
  'a sentence about another proxy': [
    `An nginx at 10.0.1.7 is in front.\n\n${policy('10.0.1.8')}`,
    /no rule trusts the proxy at 10\.0\.1\.7/,
  ],
  'a sentence about another service': [
    `The service at 10.0.2.6.\n\n${haproxy('10.0.2.5:3000')}${policy('10.0.1.7')}`,
    /the service is at 10\.0\.2\.6/,
  ],
  'a request from a proxy that is not trusted': [
    policy('10.0.1.7') + block('sh', 'truehop explain --peer 10.0.2.7'),
    /no rule trusts the proxy at 10\.0\.2\.7/,
  ],
  'an inspector under another name': [
    `${inspector}Open https://ops.example.com/_truehop/.\n`,
    /does not answer at https:\/\/ops\.example\.com/,
  ],
  'two places of Redis': [
    block('js', "new Redis(6379, '127.0.0.1')", "new Redis({ url: 'redis://10.0.0.9:6379' })"),
    /127\.0\.0\.1:6379 and at 10\.0\.0\.9:6379/,
  ],
  'a container outside of its network': [
    block('yaml', 'ipv4_address: 10.89.0.10', 'TRUEHOP_TRUST: 10.89.0.10', 'subnet: 10.88.0.0/24'),
    /outside of its network/,
  ],
  'a container that is not trusted': [
    block('yaml', 'ipv4_address: 10.88.0.10', 'TRUEHOP_TRUST: 10.88.0.1', 'subnet: 10.88.0.0/24'),
    /no rule trusts the container/,
  ],
}

describe('finds', () => {
  test.each(Object.entries(WRONG))('%s', (_name, [page, finding]) => {
    expect(misfits('page.md', page)).toEqual([expect.stringMatching(finding)])
  })
})

test('finds a program that the proxies it trusts cannot reach', () => {
  const program = (from: string, host: string) =>
    block(
      'js',
      `await app.register(truehop, { trust: ['${from}'], header: 'x-forwarded-for' })`,
      `await app.listen({ host: '${host}', port: 3000 })`,
    )
  expect(unreachable('page.md', program('10.0.0.0/8', '127.0.0.1'))).toHaveLength(1)
  expect(unreachable('page.md', program('10.0.0.0/8', '0.0.0.0'))).toEqual([])
  expect(unreachable('page.md', program('127.0.0.1', '127.0.0.1'))).toEqual([])
})
