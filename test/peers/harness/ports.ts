import { createServer } from 'node:net'

/**
 * Below the range from which the system serves `listen(0)` and outgoing connections, so that nobody
 * else takes a port between the moment it is found free and the moment a proxy binds it.
 */
const LOWEST = 20_000
const COUNT = 12_000

/** Suites that run at once hand out every n-th port each, so that none takes one that another found free. */
const WORKERS = 16
const worker = Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS

let turn = (process.pid * 97) % (COUNT / WORKERS)

/** A TCP port that was free on all of 127.0.0.0/8 and that this process has not handed out before. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = LOWEST + turn * WORKERS + worker
    turn = (turn + 1) % (COUNT / WORKERS)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port among 200 from ${LOWEST}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '0.0.0.0', () => probe.close(() => resolve(true)))
  })
}
