// A service with everything in it, asked as three clients. Prints one line of JSON.
const { allowlist } = require('@truehop/allowlist/fastify')
const { truehop } = require('@truehop/fastify')
const { inspector } = require('@truehop/inspector/fastify')
const { accessLog } = require('@truehop/log/fastify')
const { rateLimit } = require('@truehop/rate-limit/fastify')
const { fastify } = require('fastify')

async function main() {
  const records = []
  const app = fastify()
  await app.register(truehop, { trust: ['127.0.0.1'], header: 'x-forwarded-for' })
  await app.register(inspector, { prefix: '/_truehop', allow: ['loopback'] })
  await app.register(accessLog, {
    fields: 'combined',
    destination: { write: (line) => records.push(line.split(' ')[0]) },
  })
  await app.register(allowlist, { deny: ['192.0.2.66'] })
  await app.register(rateLimit, { limit: 1, window: 60 })
  app.get('/', async (request) => request.clientIp)

  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const ask = async (client, path = '/') => {
    const answer = await fetch(url + path, { headers: { 'x-forwarded-for': client } })
    return [answer.status, (await answer.text()).slice(0, 15)]
  }
  const [first, again, denied] = [
    await ask('192.0.2.7'),
    await ask('192.0.2.7'),
    await ask('192.0.2.66'),
  ]
  const [page] = await ask('127.0.0.1', '/_truehop/')
  await app.close()
  console.log(JSON.stringify({ client: first, again: again[0], denied: denied[0], page, records }))
}

main()
