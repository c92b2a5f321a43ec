import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'

const program = fileURLToPath(new URL('cluster-program.mjs', import.meta.url))
const built = fileURLToPath(new URL('../dist/index.js', import.meta.url))

interface Report {
  readonly admitted: number
  readonly reasons: readonly string[]
}

async function run(
  mode: 'counting' | 'silent' | 'malformed' | 'foreign',
  ...numbers: number[]
): Promise<Report[]> {
  const child = fork(program, [mode, ...numbers.map(String)])
  try {
    const ended = once(child, 'exit').then(() => {
      throw new Error('the primary ended')
    })
    const [reports] = await Promise.race([once(child, 'message'), ended])
    return reports
  } finally {
    child.kill()
  }
}

describe('a limit over the workers of node:cluster', () => {
  beforeAll(() => {
    if (!existsSync(built)) throw new Error('nothing is built: run npm run build first')
  })

  test('is held by the primary for all of them', async () => {
    const reports = await run('counting', 3, 40, 100)
    expect(reports).toHaveLength(3)
    expect(reports.reduce((sum, { admitted }) => sum + admitted, 0)).toBe(40)
  })

  test('goes on after messages that the primary cannot read', async () => {
    const reports = await run('malformed', 2, 20, 40)
    expect(reports.reduce((sum, { admitted }) => sum + admitted, 0)).toBe(20)
  })

  test('goes on after messages of other code in the primary', async () => {
    const reports = await run('foreign', 2, 20, 40)
    expect(reports.reduce((sum, { admitted }) => sum + admitted, 0)).toBe(20)
    expect(reports.flatMap(({ reasons }) => reasons)).not.toContain('store-error')
  })

  test('is decided without the primary where that does not count', async () => {
    const reports = await run('silent', 2, 40, 20)
    expect(reports).toEqual(Array(2).fill({ admitted: 0, reasons: ['store-error'] }))
  })

  async function said(mode: 'counting' | 'silent'): Promise<Record<string, unknown>> {
    const child = fork(fileURLToPath(new URL('cluster-conformance.mjs', import.meta.url)), [mode])
    try {
      const [message] = await once(child, 'message')
      return message
    } finally {
      child.kill()
    }
  }

  test('does what every store must do', async () => {
    const { failed, cases } = await said('counting')
    expect(failed).toEqual([])
    expect(cases).toBeGreaterThan(20)
  })

  test('says so at start where nobody counts, before any request', async () => {
    expect(await said('silent')).toEqual({
      warning: 'TRUEHOP_CLUSTER_STORE',
      message: expect.stringContaining('Call startClusterStore()'),
    })
  })
})
