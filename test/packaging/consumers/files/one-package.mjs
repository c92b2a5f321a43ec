// One package of ours beside the framework: what a service needs is handed on by it.
import { definePolicy, identityOf, rangesFrom, truehop } from '@truehop/fastify'
import { fastify } from 'fastify'

async function main() {
  const policy = definePolicy({ trust: ['127.0.0.1'], header: 'x-forwarded-for' })
  const app = fastify()
  await app.register(truehop, { policy })
  app.get('/', async (request) => identityOf(request).ip)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const answer = await fetch(url, { headers: { 'x-forwarded-for': '192.0.2.7' } })
  console.log(JSON.stringify({ client: await answer.text(), ranges: typeof rangesFrom }))
  await app.close()
}

main()
