// A program in TypeScript, for what compiles while it runs: an ES module or CommonJS, as its project says.
import { truehop as forExpress } from '@truehop/express'
import { truehop } from '@truehop/fastify'
import { asClient } from '@truehop/testing'
import { fastify } from 'fastify'

async function main(): Promise<void> {
  const app = fastify()
  await app.register(truehop, { trust: ['127.0.0.1'], header: 'x-forwarded-for' })
  app.get('/', async (request): Promise<string> => request.clientIp)
  const answer = await app.inject(asClient('192.0.2.7').inject('/'))
  console.log(JSON.stringify({ client: answer.body, express: typeof forExpress }))
  await app.close()
}

void main()
