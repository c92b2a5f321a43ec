// A Redis of one's own for as long as something is measured.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** Undefined where this machine has no Redis. */
export async function startRedis() {
  const port = await freePort()
  const child = spawn(
    'redis-server',
    ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const failed = once(child, 'error')
  const ready = (async () => {
    for await (const text of child.stdout) if (`${text}`.includes('Ready to accept')) return child
    return undefined
  })()
  const started = await Promise.race([ready, failed.then(() => undefined)])
  return started === undefined ? undefined : { port, child }
}

/** @param {import('node:net').Server} server */
function addressOf(server) {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = addressOf(server)
  server.close()
  return port
}

/**
 * Microseconds of CPU time that another process has taken, in which Redis does everything in its
 * first thread; 0 where the system does not tell.
 */
export function cpuOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1000
  } catch {
    return 0
  }
}
