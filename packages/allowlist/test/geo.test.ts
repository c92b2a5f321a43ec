import { execFileSync } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAddress } from '@truehop/ip'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defineAllowlist, type Geo, openGeo } from '../src/index.js'
import { clientAt, undetermined } from './identities.js'
import { mmdb } from './mmdb-writer.js'

const folder = mkdtempSync(join(tmpdir(), 'truehop-geo-'))
const countries = join(folder, 'countries.mmdb')
const networks = join(folder, 'networks.mmdb')
const open: Geo[] = []

afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

beforeEach(() => {
  writeFileSync(
    countries,
    mmdb({
      '203.0.113.0/24': { country: { iso_code: 'DE' }, registered_country: { iso_code: 'US' } },
      '198.51.100.0/25': { country: { iso_code: 'FR' } },
      '198.51.100.128/25': { registered_country: { iso_code: 'FR' } },
      '2001:db8::/32': { country: { iso_code: 'DE' } },
    }),
  )
  writeFileSync(
    networks,
    mmdb({
      '203.0.113.0/25': {
        autonomous_system_number: 64_500,
        autonomous_system_organization: 'Example Networks',
      },
      // As IPinfo writes it.
      '2001:db8:1::/48': { asn: 'AS64501', as_name: 'Other', country_code: 'FR' },
    }),
  )
})

async function opened(...files: string[]): Promise<Geo> {
  const geo = await openGeo({ files })
  open.push(geo)
  return geo
}

function factsOf(geo: Geo, text: string): object {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(text)
  return geo.facts(address)
}

describe('countries and networks', () => {
  test.each<[string, object]>([
    ['203.0.113.7', { country: 'DE', asn: 64_500, organization: 'Example Networks' }],
    ['203.0.113.200', { country: 'DE' }],
    ['::ffff:203.0.113.200', { country: 'DE' }],
    ['198.51.100.7', { country: 'FR' }],
    // Registered is not where it is.
    ['198.51.100.200', {}],
    ['2001:db8:1::1', { country: 'DE', asn: 64_501, organization: 'Other' }],
    ['192.0.2.1', {}],
  ])('of %s are those of the databases', async (text, facts) => {
    expect(factsOf(await opened(countries, networks), text)).toEqual(facts)
  })

  test('stand in lists beside other entries', async () => {
    const geo = await opened(countries, networks)
    const list = defineAllowlist({
      geo,
      allow: [{ country: 'DE' }, '192.0.2.0/24'],
      deny: [{ asn: 64_500 }],
    })
    const short = (text: string) => {
      const { allowed, entry, source } = list.decide(clientAt(text))
      return { allowed, entry, source }
    }
    expect(short('203.0.113.200')).toEqual({ allowed: true, entry: 'country: DE', source: 'geo' })
    expect(short('203.0.113.7')).toEqual({ allowed: false, entry: 'asn: 64500', source: 'geo' })
    expect(short('192.0.2.9')).toMatchObject({ allowed: true, source: 'static' })
    // Nobody says where it is: not let in by a country, and not kept out by one.
    expect(short('198.51.100.200')).toMatchObject({ allowed: false, entry: undefined })
    expect(list.decide(undetermined()).allowed).toBe(false)
    await list.replace({ deny: [{ country: 'DE' }] })
    expect(short('203.0.113.200').allowed).toBe(false)
  })

  test.each<[unknown, string]>([
    [{ country: 'de' }, 'deny[0]: must be two capital letters of ISO 3166-1, got'],
    [{ country: 49 }, 'deny[0]: must be two capital letters of ISO 3166-1, got 49'],
    [{ asn: 0 }, 'deny[0]: must be an integer from 1 to 4294967295, got 0; write 64500'],
    [{ asn: '64500' }, "deny[0]: must be an integer from 1 to 4294967295, got '64500'"],
    [{ asn: 1, country: 'DE' }, 'deny[0]: must have country or asn and nothing else'],
    [{ country: 'DE', city: 'Bonn' }, 'deny[0]: must have country or asn and nothing else'],
  ])('%j is refused', async (entry, message) => {
    const geo = await opened(countries)
    const options = { geo, deny: [entry] } as Parameters<typeof defineAllowlist>[0]
    expect(() => defineAllowlist(options)).toThrow(message)
  })

  test('without databases are an error that says what to write', () => {
    expect(() => defineAllowlist({ deny: [{ country: 'DE' }] })).toThrow('geo: await openGeo')
  })
})

describe('a database file', () => {
  function replace(bytes: Uint8Array): void {
    writeFileSync(`${countries}.new`, bytes)
    renameSync(`${countries}.new`, countries)
  }

  test('that is replaced is taken over', async () => {
    const geo = await opened(countries)
    replace(mmdb({ '203.0.113.0/24': { country: { iso_code: 'FR' } } }))
    await geo.refresh()
    expect(factsOf(geo, '203.0.113.7')).toEqual({ country: 'FR' })
  })

  test.each<[string, (good: Buffer) => Buffer]>([
    ['is cut short', (good) => good.subarray(0, good.length / 2)],
    ['is empty', () => Buffer.alloc(0)],
    ['is something else', () => Buffer.from('<html>not found</html>'.repeat(100))],
    ['goes on long after its end', (good) => Buffer.concat([good, Buffer.alloc(200_000, 'x')])],
    [
      'has data that points at itself',
      () => {
        const good = mmdb({ '0.0.0.0/1': { country: { iso_code: 'DE' } } })
        const data = good.indexOf(Buffer.alloc(16), 96 * 6) + 16
        good.set([0x20, 0x00], good.indexOf(0xe1, data))
        return good
      },
    ],
  ])('that %s leaves the last good one in force', async (_name, spoil) => {
    const geo = await opened(countries)
    replace(spoil(mmdb({ '203.0.113.0/24': { country: { iso_code: 'FR' } } })))
    await expect(geo.refresh()).rejects.toThrow('cannot be used as a MaxMind DB file')
    expect(factsOf(geo, '203.0.113.7')).toEqual({ country: 'DE' })
    expect(geo.status().lastError).toContain(countries)
  })

  test('that is not there, or is a pipe nobody writes to, is an error at start', async () => {
    const code = { name: 'AllowlistError', code: 'bad-source' }
    await expect(opened(join(folder, 'absent'))).rejects.toMatchObject(code)
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    await expect(opened(pipe)).rejects.toThrow('is not a regular file')
  })
})
