// Loads the packages of this folder and those of another version below it, as where one dependency of a
// program asks for an older version than another one, and prints what they make of each other.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const here = createRequire(import.meta.url)
const below = createRequire(pathToFileURL(join(import.meta.dirname, 'older/program.mjs')))
const versionFor = (require, name) => require(`${name}/package.json`).version
const NAMES = ['ip', 'proxy-protocol', 'identity', 'allowlist', 'rate-limit', 'fastify', 'express']

function load(require) {
  const entries = NAMES.map((name) => [name, require(`@truehop/${name}`)])
  const edges = [
    'allowlist/fastify',
    'rate-limit/fastify',
    'allowlist/express',
    'rate-limit/express',
  ]
  const loaded = edges.map((name) => [name, require(`@truehop/${name}`)])
  return Object.fromEntries([...entries, ...loaded])
}

const one = load(here)
const two = load(below)
const fastify = here('fastify')
const express = here('express')
const HEADERS = { 'x-forwarded-for': '192.0.2.7' }
const OPTIONS = { trust: ['loopback'], header: 'x-forwarded-for' }

function thrown(run) {
  try {
    return run()
  } catch (error) {
    return error
  }
}

/** What `give` makes, taken by `take`: a policy, ranges, a list and a limiter. */
function values(give, take) {
  const policy = give.identity.definePolicy(OPTIONS)
  const ranges = give.identity.rangesFrom({
    file: join(import.meta.dirname, 'ranges.txt'),
    format: 'lines',
  })
  const list = give.allowlist.defineAllowlist({ deny: ['198.51.100.0/24'] })
  const limiter = new give['rate-limit'].RateLimiter({ limit: 1, window: 60 })
  const address = give.ip.parseAddress('192.0.2.7')
  const evidence = { peer: '127.0.0.1', headers: HEADERS, proxyHeaders: [] }
  const hop = { name: 'feed', from: [ranges], asserts: 'x-forwarded-for' }
  const resolved = take.identity.resolve(policy, evidence)
  const error = thrown(() => give.identity.definePolicy({ trust: 1 }))
  return {
    policy: policy instanceof take.identity.Policy,
    list: list instanceof take.allowlist.Allowlist,
    limiter: limiter instanceof take['rate-limit'].RateLimiter,
    address:
      address instanceof take.ip.Address && take.ip.PrefixSet.from(['192.0.2.0/24']).has(address),
    resolved: resolved.ip,
    listed: list.decide(resolved).allowed,
    ranges: take.identity.definePolicy({ hops: [hop] }).status().hops[0].ranges.length,
    error: error instanceof take.identity.PolicyError && error instanceof take.ip.TruehopError,
  }
}

/** The framework's edge and a policy of one version, lists and a limiter of the other. */
async function onFastify(edge, consumers) {
  const app = fastify()
  await app.register(edge.fastify.truehop, { policy: consumers.identity.definePolicy(OPTIONS) })
  const list = edge.allowlist.defineAllowlist({ deny: ['198.51.100.0/24'] })
  await app.register(consumers['allowlist/fastify'].allowlist, { list })
  const limiter = new edge['rate-limit'].RateLimiter({ limit: 1, window: 60 })
  const onRequest = consumers['rate-limit/fastify'].rateLimitHook(limiter)
  app.get('/', { onRequest }, (request) => ({
    ip: request.ip,
    same: edge.identity.identityOf(request) === consumers.identity.identityOf(request),
  }))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const answers = await asked(url)
  await app.close()
  return answers
}

async function onExpress(edge, consumers) {
  const app = express()
  const list = edge.allowlist.defineAllowlist({ deny: ['198.51.100.0/24'] })
  const limiter = new edge['rate-limit'].RateLimiter({ limit: 1, window: 60 })
  app.use(edge.express.truehop({ policy: consumers.identity.definePolicy(OPTIONS) }))
  app.use(consumers['allowlist/express'].allowlist(list))
  app.use(consumers['rate-limit/express'].rateLimit(limiter))
  app.get('/', (request, response) => {
    const same = edge.identity.identityOf(request) === consumers.identity.identityOf(request)
    response.json({ ip: request.ip, same })
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const answers = await asked(`http://127.0.0.1:${server.address().port}`)
  server.close()
  return answers
}

/** A client, the same one again, and one on the deny list. */
async function asked(url) {
  const first = await fetch(url, { headers: HEADERS })
  const served = Object(await first.json())
  const second = await fetch(url, { headers: HEADERS })
  const denied = await fetch(url, { headers: { 'x-forwarded-for': '198.51.100.7' } })
  return { ...served, statuses: [first.status, second.status, denied.status] }
}

console.log(
  JSON.stringify({
    versions: [versionFor(here, '@truehop/identity'), versionFor(below, '@truehop/identity')],
    classes: one.identity.Policy === two.identity.Policy,
    values: [values(one, two), values(two, one)],
    fastify: [await onFastify(one, two), await onFastify(two, one)],
    express: [await onExpress(one, two), await onExpress(two, one)],
  }),
)
process.exit()
