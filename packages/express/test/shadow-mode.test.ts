import { type Difference, definePolicy } from '@truehop/identity'
import { describe, expect, test } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import truehop from '../src/index.js'
import { CLIENT, EDGE, STRANGER, serve, VERSIONS, XFF } from './setup.js'

describe.each(VERSIONS)('shadow mode on %s', (_, express) => {
  test("leaves the answer of 'trust proxy' in force and reports where the policy differs", async () => {
    const seen: Difference[] = []
    const policy = definePolicy(XFF)
    const app = express()
    app.set('trust proxy', true)
    const onDifference = (difference: Difference) => void seen.push(difference)
    app.use(truehop({ policy, compareWith: 'trust proxy', onDifference }))
    app.get('/', ({ ip, clientIp, protocol }, response) => {
      response.json({ ip, clientIp, protocol })
    })
    const { port } = await serve(app)
    const headers = { 'x-forwarded-for': CLIENT, 'x-forwarded-proto': 'https' }
    const answers: unknown[] = []
    for (const from of [EDGE, STRANGER]) {
      answers.push(JSON.parse((await ask({ port, from }, { headers })).body))
    }
    expect(answers).toEqual([
      { ip: CLIENT, clientIp: CLIENT, protocol: 'https' },
      { ip: CLIENT, clientIp: STRANGER, protocol: 'https' },
    ])
    expect(seen.map(({ identity, trustProxy }) => [identity.reason, trustProxy])).toEqual([
      ['peer-untrusted', CLIENT],
    ])
    expect(policy.counters.snapshot().differences).toBe(1)
  })

  test('turns nobody away', async () => {
    const app = express()
    app.set('trust proxy', 'loopback')
    app.use(truehop({ ...XFF, compareWith: 'trust proxy' }))
    app.get('/', ({ clientIp }, response) => void response.json({ clientIp }))
    const { port } = await serve(app)
    const answer = await ask({ port, from: EDGE }, { headers: { 'x-forwarded-for': 'unknown' } })
    expect([answer.status, answer.body]).toEqual([200, '{"clientIp":"unknown"}'])
  })
})
