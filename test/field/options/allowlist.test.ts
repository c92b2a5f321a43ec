import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AllowlistOptions, type Decision, defineAllowlist, openGeo } from '@truehop/allowlist'
import { allowlist as expressAllowlist } from '@truehop/allowlist/express'
import { allowlist as fastifyAllowlist } from '@truehop/allowlist/fastify'
import { describe, expect, test } from 'vitest'
import { mmdb } from '../../../packages/allowlist/test/mmdb-writer.js'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'
import { expressSite, fastifySite, type Site, stopAfterEach, stopLater } from './site.js'

type Guarded = (options: AllowlistOptions) => Promise<Site>

stopAfterEach()

const LISTED = '198.51.100.7'
const OTHER = '203.0.113.9'

/** A MaxMind DB in which the listed address is in France, and the other in Germany. */
function countriesFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'truehop-countries-'))
  stopLater(async () => rmSync(folder, { recursive: true }))
  const file = join(folder, 'countries.mmdb')
  writeFileSync(
    file,
    mmdb({
      '198.51.100.0/24': { country: { iso_code: 'FR' } },
      '203.0.113.0/24': { country: { iso_code: 'DE' } },
    }),
  )
  return file
}

async function expectStatuses(site: Site, listed: number, other: number): Promise<void> {
  expect((await site.ask({ as: LISTED })).status).toBe(listed)
  expect((await site.ask({ as: OTHER })).status).toBe(other)
}

const list = (option: 'allow' | 'deny', value: string, entries: readonly string[]) => ({
  option,
  value,
  sees: async (guarded: Guarded) => {
    const [listed, other] = option === 'allow' ? [200, 403] : [403, 200]
    await expectStatuses(await guarded({ [option]: entries }), listed, other)
  },
})

const CASES: readonly OptionCase<Guarded>[] = [
  ...(['allow', 'deny'] as const).flatMap((option) => [
    list(option, 'a prefix', ['198.51.100.0/24']),
    list(option, 'an address', [LISTED]),
    {
      option,
      value: 'a range name',
      sees: async (guarded: Guarded) => {
        const site = await guarded({ [option]: ['private'] })
        expect((await site.ask({ as: '10.1.2.3' })).status).toBe(option === 'allow' ? 200 : 403)
        expect((await site.ask({ as: OTHER })).status).toBe(option === 'allow' ? 403 : 200)
      },
    },
    {
      option,
      value: 'an empty list',
      sees: async (guarded: Guarded) => {
        const status = option === 'allow' ? 403 : 200
        await expectStatuses(await guarded({ [option]: [] }), status, status)
      },
    },
    {
      option,
      value: 'a source',
      sees: async (guarded: Guarded) => {
        const has = ({ text }: { readonly text: string }) => text === LISTED
        const [listed, other] = option === 'allow' ? [200, 403] : [403, 200]
        await expectStatuses(await guarded({ [option]: { name: 'mine', has } }), listed, other)
      },
    },
  ]),
  ...['default', 'admin'].map((value) => ({
    option: 'name',
    value,
    sees: async (guarded: Guarded) => {
      const seen: string[] = []
      const onRefused = ({ name }: Decision) => void seen.push(name)
      const named = value === 'default' ? {} : { name: value }
      await (await guarded({ deny: [LISTED], onRefused, ...named })).ask()
      expect(seen).toEqual([value])
    },
  })),
  {
    option: 'mode',
    value: 'enforce',
    sees: async (guarded) =>
      expectStatuses(await guarded({ deny: [LISTED], mode: 'enforce' }), 403, 200),
  },
  {
    option: 'mode',
    value: 'report',
    sees: async (guarded) => {
      const seen: unknown[] = []
      const onRefused = ({ allowed, enforced }: Decision) => void seen.push([allowed, enforced])
      await expectStatuses(await guarded({ deny: [LISTED], mode: 'report', onRefused }), 200, 200)
      expect(seen).toEqual([[false, false]])
    },
  },
  ...[400, 404, 599].map((status) => ({
    option: 'status',
    value: String(status),
    sees: async (guarded: Guarded) => {
      const answer = await (await guarded({ deny: [LISTED], status })).ask()
      expect([answer.status, JSON.parse(answer.body).status]).toEqual([status, status])
      expect(answer.headers['content-type']).toContain('application/problem+json')
    },
  })),
  {
    option: 'body',
    value: 'an object',
    sees: async (guarded) => {
      const { body } = await (await guarded({ deny: [LISTED], body: { title: 'Not you' } })).ask()
      expect(JSON.parse(body)).toEqual({ type: 'about:blank', title: 'Not you', status: 403 })
    },
  },
  {
    option: 'body',
    value: 'text',
    sees: async (guarded) => {
      const { body, headers } = await (await guarded({ deny: [LISTED], body: 'not you' })).ask()
      expect([body, headers['content-type']]).toEqual(['not you', 'text/plain; charset=utf-8'])
    },
  },
  {
    option: 'geo',
    value: 'files of countries',
    sees: async (guarded) => {
      const geo = await openGeo({ files: [countriesFile()] })
      stopLater(async () => geo.close())
      await expectStatuses(await guarded({ geo, deny: [{ country: 'FR' }] }), 403, 200)
    },
  },
  ...['1', '1000000'].map((value) => ({
    option: 'maxRuntimeEntries',
    value,
    sees: () => {
      const held = defineAllowlist({ deny: [], maxRuntimeEntries: Number(value) })
      expect(held.add('deny', LISTED)).toBe(true)
      expect(held.add('deny', OTHER)).toBe(value !== '1')
    },
  })),
  {
    option: 'onRefused',
    value: 'a function',
    sees: async (guarded) => {
      const seen: unknown[] = []
      const onRefused = ({ client, reason }: Decision) => void seen.push([client, reason])
      await expectStatuses(await guarded({ allow: [LISTED], onRefused }), 200, 403)
      expect(seen).toEqual([[OTHER, 'not-in-allow']])
    },
  },
]

const FRAMEWORKS: readonly (readonly [string, Guarded])[] = [
  [
    'Fastify',
    (options) =>
      fastifySite(async (app) => {
        await app.register(fastifyAllowlist, options)
      }),
  ],
  ['Express', (options) => expressSite(() => expressAllowlist(options))],
]

describe.each(FRAMEWORKS)('a request to an allowlist in %s, with', (_, guarded) => {
  test.each(CASES)('$option: $value', ({ sees }) => sees(guarded))
})

describe('the allowlist’s options', () => {
  expectComplete(documentedOptions('allowlist', '## Options'), CASES, ['onRefused: report'])
})
