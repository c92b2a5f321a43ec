import { describe, expect, test } from 'vitest'
import type { InspectorErrorCode } from '../src/index.js'
import type { InspectorOptions } from '../src/options.js'
import { inspectorSettings } from '../src/read-options.js'

describe('the options', () => {
  test.each<[string, unknown, InspectorErrorCode, RegExp]>([
    ['nothing', {}, 'missing-allow', /write allow: \['loopback'\]/],
    ['no object', undefined, 'bad-option', /write \{ allow/],
    ['a text for a list', { allow: '10.0.0.0/8' }, 'bad-allow', /\['10.0.0.0\/8'\]/],
    ['a prefix that is none', { allow: ['::1', '10.0.0.0/33'] }, 'bad-allow', /^allow\[1\]: '10/],
    ['unix', { allow: ['unix'] }, 'bad-allow', /name prefixes/],
    ['a text for hosts', { allow: [], hosts: 'a.example' }, 'bad-hosts', /\['ops.example.com'\]/],
    ['a URL', { allow: [], hosts: ['https://a.example'] }, 'bad-hosts', /^hosts\[0\]: .*scheme/],
    ['a port', { allow: [], hosts: ['a.example', 'b.example:443'] }, 'bad-hosts', /^hosts\[1\]/],
    ['a wildcard', { allow: [], hosts: ['*.a.example'] }, 'bad-hosts', /wildcard/],
    ['a number', { allow: [], hosts: [1] }, 'bad-hosts', /^hosts\[0\]/],
    ['a misspelt option', { allow: [], alow: [] }, 'unknown-option', /^alow: /],
    ['a form of addresses', { allow: [], address: 'hmac' }, 'bad-option', /'truncated'/],
    ['half a privacy', { allow: [], address: { form: 'hmac' } }, 'bad-option', /addressPrivacy/],
    ['too many kept', { allow: [], keep: 1e6 }, 'bad-option', /10 to 2000/],
    ['half a viewer', { allow: [], maxViewers: 0.5 }, 'bad-option', /1 to 200/],
  ])('refuse %s and say what to write', (_what, options, code, message) => {
    const make = () => inspectorSettings(options as InspectorOptions)
    expect(make).toThrow(expect.objectContaining({ name: 'InspectorError', code }))
    expect(make).toThrow(message)
  })

  test('have defaults', () => {
    expect(inspectorSettings({ allow: ['loopback'] })).toMatchObject({
      address: 'full',
      keep: 200,
      maxViewers: 10,
    })
  })
})
