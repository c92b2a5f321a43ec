import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { truehop } from '@truehop/fastify'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { cacheFolder } from '../peers/harness/folder.js'

/*
 * The README of fastify-cli: `fastify start` registers the application as a plugin, in a scope of
 * its own, with the options of the command line (`prefix` among them). That of @fastify/autoload:
 * each plugin of a directory gets `options` and what it exports as `autoConfig`.
 */

type Application = FastifyPluginAsync<Record<string, unknown>>

interface Cli {
  build(
    args: readonly string[],
    options: object,
    serverOptions: object,
    application: Application,
  ): Promise<FastifyInstance>
}

type Autoload = FastifyPluginAsync<{ dir: string; options?: object }>

const require = createRequire(import.meta.url)
const { build }: Cli = require('fastify-cli/helper.js')
const autoload: Autoload = require('@fastify/autoload')
const fp: (plugin: Application) => Application = createRequire(
  require.resolve('fastify-cli/helper.js'),
)('fastify-plugin')

const CLIENT = '198.51.100.7'
const PROXY = '10.0.0.5'
const XFF = { trust: [PROXY], header: 'x-forwarded-for' }
const FROM_PROXY = { remoteAddress: PROXY, headers: { 'x-forwarded-for': CLIENT } }

/** The application as `fastify start` runs it, and the warnings of its start. */
async function started(application: Application, ...args: string[]) {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const app = await build([...args, fileURLToPath(import.meta.url)], {}, {}, application)
  const warnings = warn.mock.calls.map(([warning]) => String(warning))
  warn.mockRestore()
  onTestFinished(() => app.close())
  return { app, warnings }
}

/** Within the workspace, so that a plugin finds the packages, and where no suite looks for sources. */
async function directory(name: string, source: string): Promise<string> {
  const dir = await mkdtemp(join(cacheFolder('autoload'), 'plugins-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  await writeFile(join(dir, name), source)
  return dir
}

describe('an application of `fastify start`', () => {
  const application: Application = async (app) => {
    await app.register(truehop, XFF)
    app.get('/', async ({ ip, clientIp }) => ({ ip, clientIp }))
  }

  test('is warned that its scope leaves out the 404s of the server, and how to fix it', async () => {
    const { app, warnings } = await started(application)
    const routed = await app.inject({ url: '/', ...FROM_PROXY })
    expect(routed.json()).toEqual({ ip: CLIENT, clientIp: CLIENT })
    expect(warnings.join()).toMatch(/404s.*fastify-plugin/)
    expect(app.hasRequestDecorator('clientIp')).toBe(false)
  })

  test('covers them where it is wrapped in fastify-plugin, without a word', async () => {
    const { app, warnings } = await started(fp(application))
    expect(warnings).toEqual([])
    expect(app.hasRequestDecorator('clientIp')).toBe(true)
  })

  test('may be started with a prefix', async () => {
    const { app } = await started(
      fp(async (child, options) => {
        await child.register(truehop, { ...options, ...XFF })
        child.get('/', async ({ ip }) => ip)
      }),
      '--prefix',
      '/api',
    )
    expect((await app.inject({ url: '/', ...FROM_PROXY })).body).toBe(CLIENT)
  })
})

test('a directory of @fastify/autoload may hold the plugin with its options', async () => {
  const policy = JSON.stringify(XFF)
  const dir = await directory(
    'truehop.mjs',
    `export { truehop as default } from '@truehop/fastify'\nexport const autoConfig = ${policy}\n`,
  )
  const { app, warnings } = await started(
    fp(async (child) => {
      await child.register(autoload, { dir, options: { prefix: '/api', logLevel: 'warn' } })
      child.get('/', async ({ ip }) => ip)
    }),
  )
  expect((await app.inject({ url: '/', ...FROM_PROXY })).body).toBe(CLIENT)
  expect(warnings).toEqual([])
})
