import { afterEach, describe, expect, test, vi } from 'vitest'
import { definePolicy, resolve } from '../../src/index.js'
import { watchForCollapse } from '../../src/request/collapse.js'
import { logPolicy } from '../../src/request/start-up-log.js'

afterEach(() => vi.restoreAllMocks())

describe('the log line of an alarm', () => {
  test('does not fail the request at which the alarm is raised where the logger throws', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const policy = definePolicy({ trust: ['private'], header: 'x-forwarded-for' })
    const evidence = { peer: '172.17.0.1', proxyHeaders: [] }
    let lines = 0
    logPolicy(policy, () => {
      lines++
      throw new Error('no space left')
    })
    for (let n = 0; n < 200; n++) watchForCollapse(policy, resolve(policy, evidence), evidence)
    expect(lines).toBe(1)
    expect(warned).toHaveBeenCalledTimes(1)
  })
})
