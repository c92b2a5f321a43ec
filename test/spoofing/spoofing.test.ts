import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, APPS, type App, startApp } from '../edges/app.js'
import { ask } from '../edges/client.js'
import { ATTACKS, type Attack, type Outcome, POLICY, VICTIM } from './attacks.js'

describe.each(APPS)('%s over %s', (framework, scheme) => {
  let app: App

  beforeAll(async () => {
    app = await startApp(framework, scheme, { ...POLICY, onUndetermined: 'continue' })
  })
  afterAll(() => app.stop())

  test.each(ATTACKS.map((attack) => [attack.name, attack] as const))(
    '%s',
    async (_name, attack) => {
      const before = app.requests()
      const { outcome, addresses } = await seenBy(app, attack)
      expect(outcome).toEqual(attack.expected)
      expect(app.requests() - before).toBe(attack.expected === 'no request' ? 0 : 1)
      expect(addresses).not.toContain(VICTIM)
      // One answer, under every name it has.
      expect(new Set(addresses).size).toBeLessThanOrEqual(1)
    },
  )
})

interface Sight {
  readonly outcome: Outcome
  /** The client's address under each of its names. */
  readonly addresses: readonly string[]
}

async function seenBy(app: App, { from, before, headers }: Attack): Promise<Sight> {
  const way = { port: app.port, secure: app.secure, from, before: before ?? new Uint8Array(0) }
  const reply = await ask(way, { method: 'POST', ...(headers && { headers }) }).catch(
    () => undefined,
  )
  if (reply === undefined || reply.status === 400) return { outcome: 'no request', addresses: [] }
  const { ip, clientIp, identity }: Answer = JSON.parse(reply.body)
  if (identity.status === 'undetermined') {
    return { outcome: { undetermined: identity.reason }, addresses: [ip, clientIp] }
  }
  const { source, reason } = identity
  return { outcome: { ip: identity.ip, source, reason }, addresses: [ip, clientIp, identity.ip] }
}
