import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { encode } from '@truehop/proxy-protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { truehop } from '../../packages/cli/test/command-line.js'
import { FORGED, PLATFORMS, proxyHeader } from '../../packages/cli/test/suggest/recorded.js'
import { ask } from '../examples/ask.js'
import { freePort } from '../peers/harness/ports.js'

// Within the workspace, so that the generated program finds the packages as it would once installed.
const workspace = fileURLToPath(new URL('../../node_modules', import.meta.url))
let folder = ''
let service: ChildProcess | undefined
beforeEach(() => {
  folder = mkdtempSync(join(workspace, '.truehop-init-'))
})
afterEach(async () => {
  if (service?.exitCode === null && service.kill()) await once(service, 'exit')
  rmSync(folder, { recursive: true, force: true })
})

async function started(port: number): Promise<void> {
  const env = { ...process.env, PORT: String(port), HOST: '127.0.0.1' }
  service = spawn(process.execPath, [join(folder, 'server.mjs')], { env, stdio: 'inherit' })
  for (let tries = 0; service.exitCode === null && tries < 200; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/none`).catch((error: unknown) => error)
    const refused = answer instanceof Error && JSON.stringify(answer.cause).includes('ECONNREFUSED')
    if (!refused) return
    await delay(100)
  }
  throw new Error('the service did not start')
}

const CASES = [
  ['fastify', 'nginx'],
  ['express', 'nginx'],
  ['fastify', 'fly'],
  ['express', 'cloudflare-tunnel'],
  ['fastify', 'aws-nlb'],
  ['express', 'aws-nlb'],
] as const

test.each(CASES)('%s behind %s: the generated service names the client', async (framework, id) => {
  const args = ['--platform', id, '--from', 'loopback', '--framework', framework, folder]
  expect(await truehop(['init', ...args])).toMatchObject({ code: 0 })
  const port = await freePort()
  await started(port)
  const platform = PLATFORMS.find(({ name }) => name === id)
  const client = '198.51.100.7'
  const headers = platform?.write(client, { 'x-forwarded-for': FORGED, 'x-real-ip': FORGED }) ?? {}
  const isProxied = platform?.proxy !== undefined
  const answer = await ask(port, {
    path: '/whoami',
    headers,
    ...(isProxied ? { preamble: encode(proxyHeader(client)) } : {}),
  })
  expect(answer).toMatchObject({ client })
})
