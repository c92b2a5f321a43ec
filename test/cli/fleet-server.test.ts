import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { fleetServer } from '../../packages/cli/src/inspect/fleet-server.js'

test('a reload during a slow reading waits for that one, and a later one reads anew', async () => {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  const answers: (() => void)[] = []
  const { server, path } = fleetServer(
    () =>
      new Promise((resolve) => {
        answers.push(() => resolve({ fleet: 1, at: 0, members: [] }))
      }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const load = () => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
  try {
    const first = load()
    await expect.poll(() => answers.length).toBe(1)
    now = 60_000
    const second = load()
    await once(server, 'request')
    answers[0]?.()
    expect([(await first).status, (await second).status]).toEqual([200, 200])
    expect(answers).toHaveLength(1)
    now += 2001
    const third = load()
    await expect.poll(() => answers.length).toBe(2)
    answers[1]?.()
    expect((await third).status).toBe(200)
  } finally {
    vi.restoreAllMocks()
    server.close()
    server.closeAllConnections()
  }
})
