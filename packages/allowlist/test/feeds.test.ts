import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rangesFrom } from '@truehop/identity'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Decision, defineAllowlist } from '../src/index.js'
import { clientAt } from './identities.js'

type Feed = ReturnType<typeof rangesFrom>

let folder: string
let open: Feed[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-feeds-'))
  open = []
})

afterEach(() => {
  for (const feed of open) feed.close()
  rmSync(folder, { recursive: true })
})

async function follow(
  name: string,
  text: string,
  options: Partial<Parameters<typeof rangesFrom>[0]>,
) {
  const file = join(folder, name)
  writeFileSync(file, text)
  const feed = rangesFrom({ name, file, format: 'lines', ...options } as Parameters<
    typeof rangesFrom
  >[0])
  open.push(feed)
  await feed.ready
  return { feed, file }
}

const short = ({ allowed, list, entry, source }: Decision) => ({ allowed, list, entry, source })

describe('feeds that rangesFrom follows are lists', () => {
  test.each<[string, string, Partial<Parameters<typeof rangesFrom>[0]>, string, string]>([
    ['plain lines', '# office\n198.51.100.0/24\n2001:db8::7\n', {}, '2001:db8::7', '2001:db8::7'],
    [
      'Spamhaus DROP as text',
      '; Spamhaus DROP List\n1.10.16.0/20 ; SBL256894\n',
      {},
      '1.10.17.1',
      '1.10.16.0/20',
    ],
    [
      'Spamhaus DROP as JSON',
      '{"cidr":"1.10.16.0/20","sblid":"SBL256894","rir":"apnic"}\n{"type":"metadata","timestamp":1760000000,"records":1}\n',
      { format: 'spamhaus-drop' },
      '1.10.17.1',
      '1.10.16.0/20',
    ],
    [
      'a FireHOL netset',
      '# firehol_level1\n0.0.0.0/8\n5.8.10.0/24\n224.0.0.0/3\n',
      { widest: { ipv4: 3 } },
      '5.8.10.9',
      '5.8.10.0/24',
    ],
    [
      'AWS, one service',
      '{"createDate":"2026-11-01","prefixes":[{"ip_prefix":"3.5.140.0/22","service":"EC2"}],"ipv6_prefixes":[]}',
      { format: 'aws-ip-ranges', select: { service: ['EC2'] } },
      '3.5.141.1',
      '3.5.140.0/22',
    ],
    [
      'Cloudflare',
      '{"result":{"ipv4_cidrs":["173.245.48.0/20"],"ipv6_cidrs":[]},"success":true}',
      { format: 'cloudflare' },
      '173.245.48.1',
      '173.245.48.0/20',
    ],
  ])('%s', async (_name, text, options, client, entry) => {
    const { feed } = await follow('feed', text, options)
    const list = defineAllowlist({ deny: [feed] })
    expect(short(list.decide(clientAt(client)))).toEqual({
      allowed: false,
      list: 'deny',
      entry,
      source: 'feed',
    })
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(true)
  })

  test('an update takes effect for the next decision, a broken one not at all', async () => {
    const { feed, file } = await follow('drop', '198.51.100.0/24\n203.0.113.0/24\n', {})
    const list = defineAllowlist({ allow: ['0.0.0.0/0'], deny: ['192.0.2.0/24', feed] })
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(false)
    writeFileSync(file, '198.51.100.0/24\n')
    await feed.refresh()
    expect(list.decide(clientAt('203.0.113.9')).allowed).toBe(true)
    writeFileSync(file, '198.51.100.0/24\nnonsense\n')
    await expect(feed.refresh()).rejects.toThrow('nonsense')
    expect(list.decide(clientAt('198.51.100.9')).allowed).toBe(false)
    expect(list.size('deny')).toBe(2)
  })

  test('an allow list that follows a feed lets nobody in before the feed is there', () => {
    const feed = rangesFrom({ name: 'absent', file: join(folder, 'absent'), format: 'lines' })
    open.push(feed)
    feed.ready.catch(() => {})
    const list = defineAllowlist({ allow: feed })
    expect(list.decide(clientAt('203.0.113.9'))).toMatchObject({
      allowed: false,
      reason: 'not-in-allow',
    })
  })
})
