import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { facetsOf, shareText } from '../page/filter/facets.js'
import { readFilter } from '../page/filter/filter.js'
import { hasTerm, termText, toggled } from '../page/filter/terms.js'
import type { Row } from '../page/row.js'
import { rowText } from '../page/row.js'
import type { DecisionView } from '../src/view/view.js'

const NOW = Date.UTC(2026, 0, 1)

interface Facts {
  readonly client?: string | undefined
  readonly peer?: string
  readonly hop?: string
  readonly rule?: string
  readonly reason?: string
  readonly status?: number | undefined
  readonly denied?: string
  readonly age?: number
  readonly path?: string
}

function row(facts: Facts): Row {
  const { client, peer = '10.0.0.5', hop, rule = 'edge', reason = 'first-untrusted' } = facts
  const { status, denied, age = 0, path = '/' } = facts
  const step = { node: peer, rule, asserts: 'x-forwarded-for', entry: hop ?? '', next: hop }
  const decision: DecisionView = {
    id: 1,
    changed: 1,
    at: NOW - age,
    method: 'GET',
    path,
    walk: {
      peer,
      steps: hop === undefined ? [] : [step],
      omitted: 0,
      outcome: {
        status: client === undefined ? 'undetermined' : 'resolved',
        reason,
        source: 'x-forwarded-for',
        client,
        rule,
      },
      ignored: [{ source: 'x-real-ip', text: '203.0.113.99', why: 'no-rule' }],
      conflicts: [],
    },
    verdicts:
      denied === undefined
        ? []
        : [
            {
              by: 'allowlist',
              name: 'admin',
              word: 'denied',
              reason: 'deny-entry',
              what: [denied],
            },
          ],
    answer: { status, complete: true, ms: 3 },
  }
  return { key: 'a.1', decision }
}

function finds(filter: string, facts: Facts): boolean {
  return readFilter(filter).test(row(facts), NOW)
}

describe('a filter', () => {
  test.each<[string, Facts, boolean]>([
    ['198.51.100.7', { client: '198.51.100.7' }, true],
    ['198.51.100.7', { client: '198.51.100.77' }, false],
    ['198.51.100.0/24', { client: '198.51.100.77' }, true],
    ['198.51.100.0/24', { client: '198.51.101.1' }, false],
    ['::ffff:198.51.100.7', { client: '198.51.100.7' }, true],
    ['::ffff:198.51.100.0/120', { client: '198.51.100.77' }, true],
    ['::ffff:198.51.100.0/120', { client: '198.51.101.77' }, false],
    ['2001:db8::/32', { client: '2001:db8:1::7' }, true],
    ['2001:db8::/32', { client: '2001:db9::7' }, false],
    ['10.0.0.0/8', { client: '198.51.100.7', peer: '10.0.0.5' }, true],
    ['192.0.2.0/24', { client: '198.51.100.7', hop: '192.0.2.9' }, true],
    ['client:10.0.0.0/8', { client: '198.51.100.7', peer: '10.0.0.5' }, false],
    ['peer:10.0.0.0/8', { client: '198.51.100.7', peer: '10.0.0.5' }, true],
    ['peer:198.51.100.0/24', { client: '198.51.100.7', peer: '10.0.0.5' }, false],
    ['client:undetermined', {}, true],
    ['rule:edge', { client: '198.51.100.7' }, true],
    ['rule:edg', { client: '198.51.100.7' }, false],
    ['rule:"local proxy"', { client: '198.51.100.7', rule: 'local proxy' }, true],
    ['reason:chain-exhausted', { client: '198.51.100.7' }, false],
    ['status:403', { client: '198.51.100.7', status: 403 }, true],
    ['status:4xx', { client: '198.51.100.7', status: 403 }, true],
    ['status:5xx', { client: '198.51.100.7', status: 403 }, false],
    ['status:none', { client: '198.51.100.7' }, true],
    ['-status:4xx', { client: '198.51.100.7', status: 403 }, false],
    ['verdict:denied', { client: '198.51.100.7', denied: '198.51.0.0/16' }, true],
    ['verdict:denied', { client: '198.51.100.7' }, false],
    ['header:x-real-ip', { client: '198.51.100.7' }, true],
    ['header:203.0.113.99', { client: '198.51.100.7' }, true],
    ['header:forwarded-for', { client: '198.51.100.7' }, false],
    ['is:undetermined', {}, true],
    ['is:ignored', {}, true],
    ['is:conflict', {}, false],
    ['since:5m', { age: 299_000 }, true],
    ['since:5m', { age: 301_000 }, false],
    ['until:5m', { age: 299_000 }, false],
    ['since:5m until:1m', { age: 120_000 }, true],
    ['/cart', { path: '/cart/7' }, true],
    ['admin', { denied: '198.51.0.0/16' }, true],
    ['198.51.100.0/24 status:403', { client: '198.51.100.7', status: 200 }, false],
    ['nonsense:value', { path: '/nonsense:value' }, true],
    ['', {}, true],
  ])('%j on %j: %j', (filter, facts, expected) => {
    expect(finds(filter, facts)).toBe(expected)
    expect(readFilter(filter).problems).toEqual([])
  })

  test.each(['status:40', 'is:odd', 'is:constructor', 'is:__proto__', 'since:5', 'until:x'])(
    'names what it cannot read: %s',
    (term) => {
      const { problems, test: shows } = readFilter(`${term} /cart`)
      expect(problems).toEqual([expect.stringContaining('takes')])
      expect(shows(row({ path: '/cart' }), NOW)).toBe(true)
      expect(shows(row({ path: '/' }), NOW)).toBe(false)
    },
  )

  test('finds by prefix what a comparison bit by bit finds', () => {
    const bits = (text: string): string =>
      text
        .split('.')
        .map((octet) => Number(octet).toString(2).padStart(8, '0'))
        .join('')
    const octet = fc.integer({ min: 1, max: 223 })
    // Few values, so that prefixes and addresses meet.
    const near = fc.tuple(
      fc.constantFrom(10, 198),
      fc.constantFrom(51, 0, 128),
      fc.constantFrom(100, 101),
      octet,
    )
    fc.assert(
      fc.property(near, near, fc.integer({ min: 0, max: 32 }), (a, b, length) => {
        const [client, base] = [a.join('.'), b.join('.')]
        const expected = bits(client).slice(0, length) === bits(base).slice(0, length)
        expect(finds(`client:${base}/${length}`, { client })).toBe(expected)
        const mapped = `client:::ffff:${base}/${96 + length}`
        expect(finds(mapped, { client })).toBe(expected)
      }),
    )
  })

  test('finds everything that a row shows, by any part of it, and never throws', () => {
    const shown = row({
      client: '198.51.100.7',
      path: '/cart',
      status: 403,
      denied: '198.51.0.0/16',
    })
    const text = rowText(shown).replaceAll('"', '')
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 12 }), (start, length) => {
        const part = text.slice(start, start + length).trim()
        const isText = !/^-|:|[./]/.test(part)
        if (part !== '' && isText) expect(readFilter(`"${part}"`).test(shown, NOW)).toBe(true)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (typed) => {
        readFilter(typed).test(shown, NOW)
      }),
    )
  })

  test('reads a bounded number of terms', () => {
    const { problems } = readFilter('is:x '.repeat(10_000))
    expect(problems).toHaveLength(20)
  })
})

describe('a term', () => {
  test('is added where it is missing, and taken away where it is there', () => {
    const term = termText('rule', 'local proxy')
    expect(term).toBe('rule:"local proxy"')
    expect(toggled('status:403', term)).toBe('status:403 rule:"local proxy"')
    expect(hasTerm('status:403  rule:"local proxy"', term)).toBe(true)
    expect(toggled('status:403  rule:"local proxy"', term)).toBe('status:403')
    expect(hasTerm('status:4', 'status:403')).toBe(false)
  })
})

describe('the counts', () => {
  test('say how many rows have which status, and of how many all', () => {
    const rows = [
      row({ client: '198.51.100.7', status: 200 }),
      row({ client: '198.51.100.7', status: 403, denied: '198.51.0.0/16' }),
      row({ client: '198.51.100.8', status: 200 }),
      row({ reason: 'unidentified-node', status: 400 }),
    ]
    expect(facetsOf(rows)).toMatchObject([
      {
        title: 'Status',
        counts: [
          { value: '200', term: 'status:200', count: 2, share: 0.5 },
          { value: '400', count: 1, share: 0.25 },
          { value: '403', count: 1, share: 0.25 },
        ],
      },
      { title: 'Verdict', counts: [{ value: 'denied', term: 'verdict:denied', count: 1 }] },
      {
        title: 'Reason',
        counts: [
          { value: 'first-untrusted', count: 3, share: 0.75 },
          { value: 'unidentified-node', count: 1 },
        ],
      },
      { title: 'Rule', counts: [{ value: 'edge', term: 'rule:edge', count: 4, share: 1 }] },
    ])
  })

  test.each([
    [1, '100 %'],
    [0.334, '33 %'],
    [0.002, '<1 %'],
    [0, '0 %'],
  ])('%d is %s', (share, text) => {
    expect(shareText(share)).toBe(text)
  })
})
