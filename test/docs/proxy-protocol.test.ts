import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { type AcceptOptions, acceptProxyProtocol, TlvType, tlvViews } from '@truehop/proxy-protocol'
import { describe, expect, test } from 'vitest'
import { code, section, tableIn } from './markdown.js'

const read = (path: string): string =>
  readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8')
const page = read('proxy-protocol.md')

/** Whether the receiver takes these options. */
function isTaken(options: object): boolean {
  try {
    const all = { from: ['loopback'], ...options } satisfies AcceptOptions
    acceptProxyProtocol(createServer(), all).close()
    return true
  } catch {
    return false
  }
}

const whole = (text: string): number => Number(text.replaceAll(',', ''))

describe('the limits in docs/proxy-protocol.md', () => {
  const rows = tableIn(section(page, '## Limits'))

  test('are those of every option there is', () => {
    const message = messageOf(() => accept({ somethingElse: 1 }))
    const named = /expected one of ([\w, ]+\w)/.exec(message)?.[1]?.split(', ')
    const listed = rows.map(({ option = '' }) => code(option))
    expect(listed.sort()).toEqual(named?.sort())
    expect(section(page, '## Limits')).toContain('`unsafeShortTimeout: true`')
  })

  test.each(rows.filter(({ bounds }) => / to /.test(bounds ?? '')))(
    '$option: $bounds',
    ({ option = '', bounds = '' }) => {
      const [least = 0, most = 0] = bounds.split(' to ').map(whole)
      const tried = [least - 1, least, most, most + 1]
      expect(tried.map((value) => isTaken({ [code(option)]: value }))).toEqual([
        false,
        true,
        true,
        false,
      ])
    },
  )

  test('are those in docs/policy.md', () => {
    const policy = tableIn(section(read('policy.md'), '## Receiving PROXY headers'))
    for (const { option = '', default: usual } of policy) {
      const row = rows.find((each) => code(each['option'] ?? '') === code(option))
      expect(row?.['default']).toBe(usual)
    }
  })
})

test('the refusals in docs/proxy-protocol.md are those of docs/errors.md', () => {
  const explained = section(read('errors.md'), '## Refused connections').match(/(?<=^### `)[^`]+/gm)
  const links = section(page, '## Refusals').match(/(?<=\]\(errors\.md#)[\w-]+/g)
  expect([...new Set(links)].sort()).toEqual([...(explained ?? []), MALFORMED].sort())
})

const MALFORMED = 'malformed-proxy-headers'

test('the TLVs in docs/proxy-protocol.md are all that are known, with their views', () => {
  const rows = tableIn(section(page, '## TLVs'))
  const types = rows.map(({ type = '' }) => Number(type))
  expect(types).toEqual(Object.values(TlvType))
  const views = rows.flatMap(({ view = '' }) => (view === '' ? [] : [code(view)]))
  const known = tlvViews({ tlvs: [] })
  expect(views.filter((view) => !(view in known))).toEqual([])
  expect(views).toHaveLength(types.length - 1)
})

function accept(options: object): void {
  acceptProxyProtocol(createServer(), { from: ['loopback'], ...options })
}

function messageOf(run: () => void): string {
  try {
    run()
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}
