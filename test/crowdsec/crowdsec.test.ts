import { setTimeout as sleep } from 'node:timers/promises'
import { type CrowdSecDecisions, crowdsecDecisions, defineAllowlist } from '@truehop/allowlist'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { clientAt } from '../../packages/allowlist/test/identities.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { CrowdSec } from './crowdsec.js'

describeWithPeers(['crowdsec'], 'decisions of a real CrowdSec', () => {
  let server: CrowdSec
  const open: CrowdSecDecisions[] = []
  let components = 0

  beforeAll(async () => {
    server = await CrowdSec.start()
  })

  afterAll(() => server.stop())

  afterEach(() => {
    for (const each of open.splice(0)) each.close()
    server.cscli('decisions', 'delete', '--all')
  })

  async function follow(options: object = {}): Promise<CrowdSecDecisions> {
    const apiKey = server.key(`component-${++components}`)
    const decisions = crowdsecDecisions({ url: server.url, apiKey, interval: 1, ...options })
    open.push(decisions)
    await decisions.ready
    return decisions
  }

  function add(target: readonly string[], ...more: string[]): void {
    server.cscli('decisions', 'add', ...target, '--duration', '1h', '--reason', 'scan', ...more)
  }

  const isDenied = (decisions: CrowdSecDecisions, address: string): boolean =>
    !defineAllowlist({ deny: [decisions] }).decide(clientAt(address)).allowed

  test('those at start-up are in force when they have been read, with origin and expiry', async () => {
    add(['--ip', '203.0.113.7'])
    add(['--range', '2001:db8::/48'])
    const decisions = await follow()
    expect(isDenied(decisions, '203.0.113.7')).toBe(true)
    expect(isDenied(decisions, '2001:db8:0:1::1')).toBe(true)
    expect(isDenied(decisions, '203.0.113.8')).toBe(false)
    const [ip] = [...decisions.details()].filter(({ entry }) => entry === '203.0.113.7')
    expect(ip).toMatchObject({ type: 'ban', origin: 'cscli', scenario: 'scan' })
    expect(Math.abs((ip?.expires ?? 0) - Date.now() - 3_600_000)).toBeLessThan(120_000)
  })

  test('those made later come, and those withdrawn go', async () => {
    const decisions = await follow()
    add(['--ip', '203.0.113.7'])
    await until(() => isDenied(decisions, '203.0.113.7'))
    server.cscli('decisions', 'delete', '--ip', '203.0.113.7')
    await until(() => !isDenied(decisions, '203.0.113.7'))
  })

  test('those of other types count where they are asked for', async () => {
    add(['--ip', '203.0.113.7'], '--type', 'captcha')
    expect(isDenied(await follow(), '203.0.113.7')).toBe(false)
    expect(isDenied(await follow({ types: ['ban', 'captcha'] }), '203.0.113.7')).toBe(true)
  })

  test('stay in force while it is away, and what was missed comes afterwards', async () => {
    add(['--ip', '203.0.113.7'])
    const decisions = await follow()
    await server.kill()
    await until(() => decisions.status().lastError !== undefined)
    expect(isDenied(decisions, '203.0.113.7')).toBe(true)
    await server.run()
    server.cscli('decisions', 'delete', '--ip', '203.0.113.7')
    add(['--ip', '203.0.113.8'])
    await until(() => isDenied(decisions, '203.0.113.8') && !isDenied(decisions, '203.0.113.7'))
    expect(decisions.status().lastError).toBeUndefined()
  })

  test('a wrong key is an error that says so, and no decision', async () => {
    const decisions = crowdsecDecisions({ url: server.url, apiKey: 'wrong' })
    open.push(decisions)
    await expect(decisions.ready).rejects.toThrow('answered 403')
    expect([...decisions.entries()]).toEqual([])
  })
})

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (isSo()) return
    await sleep(50)
  }
  throw new Error('it does not come to that')
}
