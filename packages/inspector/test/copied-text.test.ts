import { execFileSync } from 'node:child_process'
import { decode } from '@truehop/proxy-protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COPIES, copiedText, shellWord } from '../page/copied-text.js'
import type { DecisionView, Trial } from '../src/view/view.js'

const EVIDENCE: Trial = {
  peer: '10.0.0.5',
  proxy: 'PROXY TCP4 173.245.48.9 10.0.0.1 4711 443',
  headers: "cf-connecting-ip: 198.51.100.7\nx-forwarded-for: it's, 198.51.100.7",
}

function decision(path = '/cart', method = 'GET'): DecisionView {
  const outcome = {
    status: 'resolved',
    reason: 'first-untrusted',
    source: 'cf-connecting-ip',
    client: '198.51.100.7',
  } as const
  const walk = { peer: '10.0.0.5', steps: [], omitted: 0, outcome, ignored: [], conflicts: [] }
  return { id: 1, changed: 1, at: 0, method, path, walk, verdicts: [] }
}

describe('a word for the shell', () => {
  test('is what it was once bash has read it', () => {
    const texts = fc.sample(fc.string({ unit: 'binary' }), { numRuns: 150, seed: 7 })
    const words = [...texts, "'; rm -rf /; '", '$(id)', '`id`', '\u001b[201~\nid\n', "\\'"]
      .map((text) => text.replaceAll('\0', ''))
      .filter((text) => text !== '')
    const script = `printf '%s\\0' ${words.map(shellWord).join(' ')}`
    const read = execFileSync('bash', ['-c', script]).toString('utf8').split('\0').slice(0, -1)
    expect(read).toEqual(words.map((word) => Buffer.from(word).toString('utf8')))
  })

  test('has nothing for which an interactive shell inserts an earlier command', () => {
    expect(shellWord('caf\u00e9 !!')).toBe("$'caf\\303\\251 \\041\\041'")
  })

  test('never has a character that moves a cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(shellWord(text)).toMatch(/^[\x20-\x7e]*$/)
      }),
    )
  })
})

describe('a decision to take along', () => {
  test('as curl sends what the hop sent', () => {
    expect(copiedText('curl', decision(), EVIDENCE, 'http://127.0.0.1:3000/')).toBe(
      [
        'curl --silent --show-error --include --globoff \\',
        "  --haproxy-protocol --haproxy-clientip '173.245.48.9' \\",
        "  --header 'cf-connecting-ip: 198.51.100.7' \\",
        "  --header 'x-forwarded-for: it'\\''s, 198.51.100.7' \\",
        "  'http://127.0.0.1:3000/cart'",
      ].join('\n'),
    )
  })

  test.each(['//evil.example/x', '/\\evil.example', 'https://evil.example/', '\u202e/x', '/a…'])(
    'as curl never goes to another host, whatever the path is: %j',
    (path) => {
      const text = copiedText('curl', decision(path), EVIDENCE, 'http://127.0.0.1:3000/')
      expect(text).toMatch(/'http:\/\/127\.0\.0\.1:3000\/[^']*'$/)
    },
  )

  test('as curl is one request, whatever pattern the path is', () => {
    const text = copiedText('curl', decision('/a[1-999999]{b,c}'), EVIDENCE, 'http://[::1]:3000/')
    expect(text.split('\n')[0]).toContain(' --globoff')
  })

  test.each(COPIES)(
    'as %s has no line that curl reads a file for, or that is no header',
    (form) => {
      const evidence = { ...EVIDENCE, headers: 'a: 1\n@/etc/passwd\nx y: 2\n: 3\nplain' }
      const text = copiedText(form, decision(), evidence, 'http://127.0.0.1:3000/')
      expect(text).not.toMatch(/passwd|x y|'plain|: 3'|"3"/)
      expect(text).toMatch(/a: 1|"a":"1"/)
    },
  )

  test('as curl sends a header without a value, as the hop did', () => {
    const evidence = { ...EVIDENCE, headers: 'x-forwarded-for: ' }
    const text = copiedText('curl', decision(), evidence, 'http://127.0.0.1:3000/')
    expect(text).toContain("--header 'x-forwarded-for;'")
  })

  test('as truehop explain has peer, PROXY headers and headers', () => {
    const hex = { ...EVIDENCE, proxy: '0d0a' }
    expect(copiedText('explain', decision(), hex, '')).toBe(
      [
        'truehop explain --policy policy.json \\',
        "  --peer '10.0.0.5' \\",
        "  --proxy-hex '0d0a' \\",
        "  --header 'cf-connecting-ip: 198.51.100.7' \\",
        "  --header 'x-forwarded-for: it'\\''s, 198.51.100.7'",
      ].join('\n'),
    )
  })

  test.each([
    ['a line', EVIDENCE.proxy],
    ['bytes', Buffer.from(`${EVIDENCE.proxy}\r\n`).toString('hex')],
  ])('as a test case has the PROXY header that there was: %s', (_what, proxy) => {
    const text = copiedText('test', decision(), { ...EVIDENCE, proxy }, '')
    const resolved: unknown[] = []
    const run = new Function('policy', 'test', 'expect', 'resolve', 'decode', text)
    run(
      {},
      (_name: string, callback: () => void) => callback(),
      (identity: unknown) => ({
        toMatchObject: (expected: unknown) => expect(identity).toMatchObject(Object(expected)),
      }),
      (_policy: unknown, { proxyHeaders }: { proxyHeaders: unknown[] }) => {
        resolved.push(...proxyHeaders)
        return { status: 'resolved', ip: '198.51.100.7', reason: 'first-untrusted' }
      },
      decode,
    )
    expect(resolved).toMatchObject([{ source: { address: '173.245.48.9', port: 4711 } }])
  })

  test('as a test case is a program, whatever a client sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (value, peer) => {
        const headers = `x-forwarded-for: ${value.replaceAll('\n', '')}`
        const text = copiedText('test', decision(), { peer, proxy: '', headers }, '')
        let given: unknown
        const run = new Function('policy', 'test', 'expect', 'resolve', text)
        run(
          {},
          (_name: string, callback: () => void) => callback(),
          () => ({ toMatchObject: () => {} }),
          (_policy: unknown, evidence: unknown) => {
            given = evidence
            return {}
          },
        )
        expect(given).toEqual({
          peer,
          headers: { 'x-forwarded-for': value.replaceAll('\n', '').trim() },
          proxyHeaders: [],
        })
        expect(text).toMatch(/^[\x20-\x7e\n]*$/)
      }),
    )
  })
})
