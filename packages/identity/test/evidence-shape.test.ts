import { describe, expect, test } from 'vitest'
import { definePolicy, type Evidence, explain, resolve } from '../src/index.js'

const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })

/** As JavaScript, or JSON that nobody looked at, hands it over. */
const given = (text: string): Evidence => JSON.parse(text)

describe.each([
  ['resolve', resolve],
  ['explain', explain],
])('%s', (_name, ask) => {
  test.each([
    ['"10.0.0.5"', /evidence must be an object, got string 10\.0\.0\.5; write \{ peer: /],
    ['null', /evidence must be an object, got null/],
    ['{"peer":{"ip":"10.0.0.5"}}', /evidence\.peer must be an address as text.*got an object/],
    ['{"peer":["10.0.0.5"]}', /evidence\.peer .*got an array/],
    ['{"peer":null}', /evidence\.peer .*got null/],
    ['{"peer":167772165}', /evidence\.peer .*got number 167772165/],
    ['{"peer":"10.0.0.5","headers":"a: b"}', /evidence\.headers must be an object/],
    ['{"peer":"10.0.0.5","headers":null}', /evidence\.headers .*got null/],
    ['{"peer":"10.0.0.5","proxyHeaders":{}}', /evidence\.proxyHeaders must be an array/],
  ])('refuses %s, which is not evidence', (text, message) => {
    const call = () => ask(policy, given(text))
    expect(call).toThrow(TypeError)
    expect(call).toThrow(message)
  })

  test.each(['{}', '{"peer":"nonsense"}', '{"peer":""}', '{"peer":"10.0.0.5","headers":{}}'])(
    'answers %s, whatever it says',
    (text) => {
      expect(() => ask(policy, given(text))).not.toThrow()
    },
  )
})
