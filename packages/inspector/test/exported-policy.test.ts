import { describe, expect, test } from 'vitest'
import { EXPORTS, exportedPolicy } from '../page/exported-policy.js'

const POLICY = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }
const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`

describe('a policy to take along', () => {
  test('keeps the schema that it names', () => {
    const text = exportedPolicy('file', JSON.stringify({ $schema: './mine.json', ...POLICY }))
    expect(JSON.parse(text)).toEqual({ $schema: './mine.json', ...POLICY })
  })

  test.each(EXPORTS)('as %s has no schema that is no text, however deep it is', (form) => {
    const text = exportedPolicy(form, `{"$schema":${deep},${JSON.stringify(POLICY).slice(1)}`)
    expect(text).not.toContain('[[')
    expect(text).toContain('"10.0.0.0/8"')
  })
})
