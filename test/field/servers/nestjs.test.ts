import { beforeAll, describe, expect, test } from 'vitest'
import { codeBlocksOf } from '../../docs/code-blocks.js'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { freePort } from '../../peers/harness/ports.js'
import { startProgram, stopAfterAll } from '../../peers/harness/service.js'
import { programFolder } from '../ways/page-files.js'
import { compiled } from '../ways/typed-files.js'

/** The block of a page in which a class of this name is declared. */
function blockWith(page: string, name: string): string {
  const found = codeBlocksOf(page).find(({ text }) => text.includes(`class ${name}`))
  if (found === undefined) throw new Error(`${page} declares no ${name}`)
  return found.text
}

const limited = (name: string) => blockWith('docs/rate-limit.md', name)

/** What a service adds to the limit of one route, by the adapter. */
const ON_EXPRESS = `
import 'reflect-metadata'
import { Controller, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { truehop } from '@truehop/express'
${limited('LoginModule')}
${blockWith('docs/allowlist.md', 'AdminModule').replace(/^import .*MiddlewareConsumer.*$/m, '')}
@Controller()
class Routes {
  @Post('login')
  login() {}
  @Post('admin')
  admin() {}
  @Post('other')
  other() {}
}

@Module({ imports: [LoginModule, AdminModule], controllers: [Routes] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false })
app.use(truehop({ trust: ['loopback'], header: 'x-forwarded-for' }))
await app.listen(Number(process.env.PORT), '127.0.0.1')
`

const ON_FASTIFY = `
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { truehop } from '@truehop/fastify'
import { rateLimit } from '@truehop/rate-limit/fastify'
${limited('LoginController')}
@Controller()
class Routes {
  @Post('other')
  other() {}
}

@Module({ controllers: [LoginController, Routes] })
class AppModule {}

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false })
await app.register(truehop, { trust: ['loopback'], header: 'x-forwarded-for' })
await app.register(rateLimit, { limit: 100, window: 60 })
await app.listen(Number(process.env.PORT), '127.0.0.1')
`

describe.each([
  ['Express', ON_EXPRESS],
  ['Fastify', ON_FASTIFY],
])('what the pages show for routes of Nest, on %s', (adapter, program) => {
  const keep = stopAfterAll()
  const folder = programFolder()
  let port = 0

  beforeAll(async () => {
    port = await freePort()
    const args = [compiled(folder, adapter, program)]
    const own = { folder: temporaryFolder('nestjs'), readyPort: port, patience: 60_000 }
    keep(await startProgram({ path: process.execPath, args, env: { PORT: `${port}` }, ...own }))
  })

  const post = async (path: string, client: string): Promise<number> => {
    const headers = { 'x-forwarded-for': client }
    return (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers })).status
  }

  test('the sixth login of a client has to wait, and nothing else', async () => {
    for (let n = 0; n < 5; n++) expect(await post('/login', '198.51.100.7')).toBe(201)
    expect(await post('/login', '198.51.100.7')).toBe(429)
    expect(await post('/login', '198.51.100.8')).toBe(201)
    expect(await post('/other', '198.51.100.7')).toBe(201)
  })

  /** The service on Fastify has no such module. */
  test('a list of a module is asked for its routes', async () => {
    const [outside, inside] = adapter === 'Express' ? [403, 201] : [404, 404]
    expect(await post('/admin', '198.51.100.7')).toBe(outside)
    expect(await post('/admin', '10.9.0.1')).toBe(inside)
  })
})
