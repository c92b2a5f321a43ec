import type { PolicyOptions } from '@truehop/identity'
import { beforeAll, describe, expect, test } from 'vitest'
import { fileWriter, truehop } from '../../packages/cli/test/command-line.js'
import { isLong } from '../interop/harness/results.js'
import { curl } from '../peers/harness/curl.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { stopAfterAll } from '../peers/harness/service.js'
import { type Emitted, startEmitted } from './harness/emitted.js'
import { type Answered, type PairApp, startPairApp } from './harness/pair-app.js'

const write = fileWriter()

/** The hop is 127.0.0.1, a hop further out 127.0.0.2, and clients come from 127.0.0.9. */
const HOP = ['127.0.0.1']
const FURTHER = ['127.0.0.2']
const CLIENT = '127.0.0.9'
/** Named by the hop further out. */
const FAR_CLIENT = '198.51.100.7'

/** What a client writes to be taken for another. */
const FORGED = [
  'X-Forwarded-For: 203.0.113.99',
  'X-Real-IP: 203.0.113.99',
  'CF-Connecting-IP: 203.0.113.99',
  'Forwarded: for=203.0.113.99;proto=https;host=evil.example',
  'X-Forwarded-Host: evil.example',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Port: 444',
]

interface Case {
  readonly policy: PolicyOptions
  /** What the hop further out sends, where the policy has one. */
  readonly further?: readonly string[]
}

const CASES: Readonly<Record<string, Case>> = {
  'PROXY headers': { policy: { hops: [{ from: HOP, asserts: 'proxy-protocol' }] } },
  'X-Forwarded-For': { policy: { trust: HOP, header: 'x-forwarded-for' } },
  'X-Forwarded-For of two hops': {
    policy: { trust: [...HOP, ...FURTHER], header: 'x-forwarded-for' },
    further: [`X-Forwarded-For: 203.0.113.99, ${FAR_CLIENT}`],
  },
  Forwarded: { policy: { trust: HOP, header: 'forwarded' } },
  'Forwarded of two hops': {
    policy: { trust: [...HOP, ...FURTHER], header: 'forwarded' },
    further: [`Forwarded: for=203.0.113.99, for=${FAR_CLIENT}`],
  },
  'X-Real-IP': { policy: { trust: HOP, header: 'x-real-ip' } },
  'X-Forwarded-For behind CF-Connecting-IP': {
    policy: {
      hops: [
        { name: 'hop', from: HOP, asserts: 'x-forwarded-for' },
        { name: 'edge', from: FURTHER, asserts: 'cf-connecting-ip' },
      ],
    },
    further: [`CF-Connecting-IP: ${FAR_CLIENT}`],
  },
  'X-Forwarded-For that is counted': {
    policy: { trust: HOP, header: 'x-forwarded-for', depth: 1 },
  },
  'X-Forwarded-For, no conflict allowed': {
    policy: { trust: HOP, header: 'x-forwarded-for', onConflict: 'reject' },
  },
  'X-Forwarded-For without a host': {
    policy: { trust: HOP, header: 'x-forwarded-for', original: ['proto'] },
  },
}

/** Caddy sends PROXY headers from 2.7 on: Debian 12 has an older one, the long run of interop a newer. */
const HTTP = Object.keys(CASES).filter((name) => name !== 'PROXY headers')
const TARGETS: readonly (readonly [
  name: string,
  peers: readonly string[],
  cases: readonly string[],
])[] = [
  ['haproxy', ['haproxy'], Object.keys(CASES)],
  ['nginx', ['nginx'], Object.keys(CASES)],
  ['caddy', ['caddy'], HTTP],
  ...(isLong ? ([['caddy', ['caddy-unstable'], ['PROXY headers']]] as const) : []),
  ['varnish', ['varnish'], Object.keys(CASES)],
  ['hitch', ['hitch'], ['PROXY headers']],
  ['stunnel', ['stunnel'], ['PROXY headers']],
  ['apache', ['apache2'], HTTP],
]

/** Whose configurations `--check` reads. */
const READ = new Set(['haproxy', 'nginx', 'caddy'])

for (const [target, peers, cases] of TARGETS) {
  const [program = target] = peers
  describeWithPeers(
    [...peers, 'curl', 'openssl'],
    `${program}, as pair writes it for ${target}`,
    () => {
      describe.each(cases)('%s', (name) => {
        const own = stopAfterAll()
        const { policy, further } = CASES[name] ?? { policy: { trust: [], header: '' } }
        let app: PairApp
        let hop: Emitted
        let policyFile: string

        beforeAll(async () => {
          policyFile = write(`${target}-${name}.json`, policy)
          app = own(await startPairApp(policy))
          hop = own(await startEmitted(target, program, policyFile, app.port))
        })

        const ask = async (from: string, headers: readonly string[]): Promise<Answered> =>
          JSON.parse((await curl(hop.url, { from, headers })).body)

        test('a client is named, whatever it forges', async () => {
          for (const headers of [[], FORGED]) {
            const { client, reason, protocol, host } = await ask(CLIENT, headers)
            expect({ client, host }).toEqual({ client: CLIENT, host: hop.url.split('/')[2] })
            // Only TLS that ends at the hop makes it https.
            expect([hop.url.split(':')[0], 'http', undefined]).toContain(protocol)
            expect(['first-untrusted', 'count']).toContain(reason)
          }
        })

        // Only a target that reads lists can have a hop further out.
        if (further !== undefined) {
          test('what a hop further out says is kept', async () => {
            expect(await ask(FURTHER[0] ?? '', further)).toMatchObject({ client: FAR_CLIENT })
          })
        }

        test('two clients in a row are two clients', async () => {
          for (const from of ['127.0.0.7', '127.0.0.8']) {
            expect(await ask(from, [])).toMatchObject({ client: from })
          }
        })

        if (READ.has(target)) {
          test('--check agrees with it', async () => {
            const file = write(`${target}-${name}.conf`, hop.text)
            const { code, out } = await truehop(['pair', '--policy', policyFile, '--check', file])
            expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('agrees') })
            expect(out).not.toContain('not understood')
          })
        }
      })
    },
  )
}
