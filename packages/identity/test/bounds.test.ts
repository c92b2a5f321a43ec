import { describe, expect, test } from 'vitest'
import { countLooks } from '../../../test/count-looks.js'
import { definePolicy, resolve } from '../src/portable.js'

const peer = '10.0.0.5'

/** The reason of a resolution, and how many characters it looked at. */
function looked(header: string, text: string, from = peer) {
  const policy = definePolicy({ trust: ['10.0.0.0/8'], header })
  const evidence = { peer: from, headers: { [header]: text } }
  let reason = ''
  const looks = countLooks(() => {
    ;({ reason } = resolve(policy, evidence))
  })
  return { reason, looks }
}

describe('a walk over hostile evidence looks at no more than what it reads, and at all of that', () => {
  test.each<[string, string, string, string, number]>([
    ['x-forwarded-for', '10.0.0.7', 'chain-too-long', '1,600 trusted elements', 64],
    ['forwarded', 'for=10.0.0.7', 'chain-too-long', '1,600 trusted elements', 64],
    ['x-forwarded-for', '198.51.100.7', 'first-untrusted', '1,600 clients', 1],
    ['forwarded', 'for=198.51.100.7', 'first-untrusted', '1,600 clients', 1],
    ['x-forwarded-for', '"', 'unidentified-node', 'quotes', 1],
    ['forwarded', 'for="', 'unidentified-node', 'quotes that pair over commas', 1],
  ])('%s of %s: %s for %s', (header, element, expected, _, read) => {
    const text = Array.from({ length: 1600 }, () => element).join(', ')
    const { reason, looks } = looked(header, text)
    expect(reason).toBe(expected)
    // Each character of an element a few times, and of one element more.
    expect(looks).toBeLessThan(65 * (element.length + 2) * 12)
    expect(looks).toBeGreaterThanOrEqual(read * element.length)
  })

  test('65 KB of commas in front of an untrusted peer cost nothing', () => {
    const { reason, looks } = looked('x-forwarded-for', ','.repeat(65_536), '192.0.2.1')
    expect(reason).toBe('peer-untrusted')
    expect(looks).toBeLessThan(80)
    // The peer's address is text too.
    expect(looks).toBeGreaterThanOrEqual('192.0.2.1'.length)
  })

  test.each([
    ['commas', ','.repeat(65_536), 'header-missing'],
    ['blanks', ' '.repeat(65_536), 'header-missing'],
    ['commas and blanks', ' ,\t'.repeat(21_845), 'header-missing'],
  ])('65 KB of %s by a trusted peer are looked at once', (_, text, expected) => {
    const { reason, looks } = looked('x-forwarded-for', text)
    expect(reason).toBe(expected)
    expect(looks).toBeGreaterThanOrEqual(text.length)
    expect(looks).toBeLessThan(2 * text.length + 100)
  })

  test.each([
    ['x-real-ip', '1'.repeat(65_536)],
    ['x-real-ip', ','.repeat(65_536)],
    ['x-real-ip', `${' '.repeat(65_536)}198.51.100.7`],
    ['cf-connecting-ip', ':'.repeat(65_536)],
    ['cloudfront-viewer-address', `${'1:'.repeat(32_768)}1`],
    ['forwarded', `for="${'\\"'.repeat(32_768)}`],
    ['forwarded', `for=198.51.100.7;${'x=y;'.repeat(16_384)}`],
    ['forwarded', `for="[2001:db8::1]${':'.repeat(65_536)}"`],
  ])('64 KiB of %s, whatever it is, are looked at a few times', (header, text) => {
    const { looks } = looked(header, text)
    expect(looks).toBeGreaterThan(0)
    expect(looks).toBeLessThan(12 * text.length)
  })
})
