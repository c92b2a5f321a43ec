// Prints which of the files that not every service needs are loaded: by loading the packages, by what each
// of some services is told at start-up, and by requests after that.
const { basename } = require('node:path')
const fastify = require('fastify')
const { truehop } = require('@truehop/fastify')
const { accessLog } = require('@truehop/log/fastify')
const { allowlist } = require('@truehop/allowlist/fastify')
const { rateLimit } = require('@truehop/rate-limit/fastify')

const LATE = /[\\/](?:geo|platforms|live-ranges|cluster|guard|redis)\.cjs$/
const ours = () => Object.keys(require.cache).filter((path) => /@truehop[\\/]/.test(path))
const late = () => ours().filter((path) => LATE.test(path))

/** Of the files in both lists, the ones in the second alone, by name. */
const added = (before, after) =>
  after.filter((path) => !before.includes(path)).map((path) => basename(path))

async function serve(policy, limit) {
  const before = late()
  const app = fastify()
  await app.register(truehop, policy)
  await app.register(accessLog)
  await app.register(allowlist, { deny: ['198.51.100.0/24'] })
  await app.register(rateLimit, { limit: 100, window: 60, ...limit })
  app.get('/', (request) => request.clientIp)
  await app.ready()
  const [ready, loaded] = [late(), ours()]
  const request = { url: '/', headers: { 'x-forwarded-for': '192.0.2.7' } }
  const { statusCode, body } = await app.inject({ ...request, remoteAddress: '127.0.0.1' })
  await app.inject({ url: '/', headers: { 'x-forwarded-for': 'unknown' } })
  await app.inject({ url: '/', headers: {}, remoteAddress: '198.51.100.7' })
  await app.close()
  return {
    ready: added(before, ready),
    served: [statusCode, body],
    afterwards: added(loaded, ours()),
  }
}

const refuse = () => Promise.reject(new Error('no server'))

/** A client of Redis by its form. Without a server, the limiter lets pass. */
const redis = { status: 'ready', eval: refuse, evalsha: refuse, on: () => redis }

async function main() {
  const imported = added([], late())
  const list = { trust: ['loopback'], header: 'x-forwarded-for' }
  const plain = await serve(list)
  const platform = await serve({
    hops: [{ platform: 'nginx', from: ['loopback'], header: 'x-forwarded-for' }],
  })
  console.log(
    JSON.stringify({ imported, plain, platform, redis: await serve(list, { store: redis }) }),
  )
  process.exit()
}

main()
