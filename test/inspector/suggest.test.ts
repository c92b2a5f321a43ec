import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { truehop } from '../../packages/cli/test/command-line.js'
import { type Service, startService } from './services.js'

let service: Service | undefined
afterEach(async () => {
  await service?.stop()
  service = undefined
})

async function ask(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
  await (await fetch(url, { headers })).text()
}

test.each(['fastify', 'express'] as const)(
  'suggest reads the evidence of a running service (%s) from its inspector',
  async (framework) => {
    service = await startService(framework, { allow: ['loopback'] })
    // Fly: the last entry is the application's own address, and all clients are one.
    for (let n = 1; n <= 8; n++) {
      const client = `198.51.100.${n}`
      await ask(service.url, {
        'x-forwarded-for': `${client}, 203.0.113.33`,
        'fly-client-ip': client,
      })
    }
    const { code, out } = await truehop(['suggest', '--json', `${service.url}/_truehop/`])
    expect(code).toBe(1)
    const { requests, peers, policy, questions } = JSON.parse(out)
    expect(requests).toBe(8)
    expect(peers).toMatchObject([
      {
        examples: ['127.0.0.1'],
        headers: [
          { header: 'x-forwarded-for', requests: 8 },
          { header: 'fly-client-ip', requests: 8 },
        ],
      },
    ])
    // Not the addresses of Fly's network: the entry may be a balancer's, or the only visitor's.
    expect(policy.hops).toEqual([])
    expect(questions).toMatchObject([{ code: 'own-proxy' }])
  },
)

test('suggest can read nothing from masked addresses', async () => {
  service = await startService('fastify', { allow: ['loopback'], address: 'truncated' })
  const { code, err } = await truehop(['suggest', `${service.url}/_truehop`])
  expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/shows addresses masked/) })
})

test('suggest says what answers but is not an inspector', async () => {
  const server = createServer((_, response) => response.writeHead(404).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const { code, err } = await truehop(['suggest', `http://127.0.0.1:${port}/`])
  server.close()
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringMatching(/not an inspector that can be read: it answers 404/),
  })
})
