import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { codeBlocksOf } from '../../docs/code-blocks.js'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { describeWithPeers, peerPath } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'
import { writeBaseImage } from './base-image.js'

const [dockerfile = ''] = codeBlocksOf('docs/docker-image.md')
  .filter(({ language }) => language === 'dockerfile')
  .map(({ text }) => text)

const SERVICE = `
import { createServer } from 'node:http'
import isNumber from 'is-number'

const server = createServer((request, response) => {
  const { pid, env } = process
  const user = process.getuid()
  response.end(JSON.stringify({ pid, user, env: env.NODE_ENV, installed: isNumber(1) }))
})
if (env('HANDLES') === 'yes') {
  process.once('SIGTERM', () => {
    server.close()
    server.closeAllConnections()
  })
}
server.listen(Number(env('PORT')), '0.0.0.0')

function env(name) {
  return process.env[name]
}
`

/** As Docker's image numbers it. */
const NODE_USER = '1000:1000'

/** As root, without a container runtime: built by Buildah, run in a root directory and process space of its own. */
describeWithPeers(['buildah'], 'the image of the page about Docker', () => {
  const folder = temporaryFolder('image')
  const store = ['--storage-driver', 'vfs', '--root', join(folder, 'store')]
  let top: string
  let config: { User: string; WorkingDir: string; Env: string[]; Cmd: string[] }

  const buildah = (cwd: string, ...args: readonly string[]): string =>
    execFileSync(peerPath('buildah'), [...store, '--runroot', join(folder, 'run'), ...args], {
      ...{ cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    }).trim()

  beforeAll(async () => {
    const [service, base, cache] = ['service', 'base', 'cache'].map((name) => join(folder, name))
    if (service === undefined || base === undefined || cache === undefined) return
    mkdirSync(service)
    const manifest = { name: 'service', type: 'module', dependencies: { 'is-number': '7.0.0' } }
    writeFileSync(join(service, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(service, 'server.mjs'), SERVICE)
    writeFileSync(join(service, 'Dockerfile'), dockerfile)
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--cache', cache]
    execFileSync('npm', ['install', '--package-lock-only', ...quiet], { cwd: service })
    execFileSync('npm', ['ci', ...quiet], { cwd: service })
    rmSync(join(service, 'node_modules'), { recursive: true })
    await writeBaseImage(join(base, 'root'), cache)
    writeFileSync(
      join(base, 'Dockerfile'),
      'FROM scratch\nCOPY root /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n',
    )
    const build = ['build', '--isolation', 'chroot', '--pull-never', '--tag']
    buildah(base, ...build, 'docker.io/library/node:24-slim', '.')
    buildah(service, ...build, 'service', '.')
    const container = buildah(service, 'from', '--pull-never', 'service')
    top = buildah(service, 'mount', container)
    config = JSON.parse(buildah(service, 'inspect', container)).OCIv1.config
  }, 500_000)

  afterAll(() => {
    buildah(folder, 'umount', '--all')
    rmSync(folder, { recursive: true, force: true })
  })

  /** Process 1 of its own space, as what CMD says, with what the image sets; its port. */
  async function start(handles: 'yes' | 'no') {
    const port = await freePort()
    const variables = [...config.Env, `PORT=${port}`, `HANDLES=${handles}`]
    const inside = ['/usr/bin/env', '--ignore-environment', '-C', config.WorkingDir, ...variables]
    const as = config.User === 'node' ? NODE_USER : '0:0'
    const args = ['--pid', '--fork', '--kill-child', 'chroot', `--userspec=${as}`, top]
    const child = spawn('unshare', [...args, ...inside, ...config.Cmd], { stdio: 'ignore' })
    const ended = once(child, 'exit').then(([code, signal]) => code ?? signal)
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await ended
    })
    const ask = async () => (await fetch(`http://127.0.0.1:${port}`)).json()
    await expect.poll(() => ask().catch(() => undefined), { timeout: 60_000 }).toBeDefined()
    /** Process 1 as this process space numbers it. */
    const first = Number(
      execFileSync('ps', ['--ppid', `${child.pid}`, '-o', 'pid='], { encoding: 'utf8' }),
    )
    return { ask, ended, signal: (name: NodeJS.Signals) => process.kill(first, name) }
  }

  test('what npm installed is there, and Node is process 1 of a user without rights', async () => {
    const { ask } = await start('yes')
    expect(config.Cmd).toEqual(['node', 'server.mjs'])
    expect(await ask()).toEqual({ pid: 1, user: 1000, env: 'production', installed: true })
  })

  test('SIGTERM reaches the service, which ends', async () => {
    const { ended, signal } = await start('yes')
    signal('SIGTERM')
    expect(await ended).toBe(0)
  })

  test('a service that does not handle it goes on', async () => {
    const { ask, signal } = await start('no')
    signal('SIGTERM')
    await delay(500)
    expect(await ask()).toMatchObject({ pid: 1 })
  })
})
