/**
 * Small programs of someone who uses the packages. Each takes `load`, which is `import` or
 * `require`, and gives what it saw; `runAll` prints the results as one line of JSON.
 */

const { once } = require('node:events')

/** The names that an entry point exports. `__esModule` is what `require` adds for transpilers. */
async function exportsOf(load, specifier) {
  return Object.keys(await load(specifier))
    .filter((name) => name !== '__esModule' && name !== 'module.exports')
    .sort()
}

async function parse(load) {
  const { parseAddress, PrefixSet } = await load('@truehop/ip')
  const set = PrefixSet.from(['10.0.0.0/8', '2001:db8::/32'])
  return [parseAddress('::ffff:10.0.0.1')?.text, set.has('10.1.2.3'), set.has('192.0.2.1')]
}

async function wire(load) {
  const { encode } = await load('@truehop/proxy-protocol')
  const { decode } = await load('@truehop/proxy-protocol/wire')
  const endpoint = (address, port) => ({ address, port })
  const result = decode(
    encode({
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: endpoint('192.0.2.7', 4711),
      destination: endpoint('198.51.100.1', 443),
      tlvs: [],
    }),
  )
  return [result.status, result.header.source.address, result.header.source.port]
}

async function walk(load) {
  const { definePolicy, resolve } = await load('@truehop/identity/portable')
  const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
  const headers = { 'x-forwarded-for': '10.9.9.9, 192.0.2.7, 10.0.0.6' }
  const { ip, reason } = resolve(policy, { peer: '10.0.0.5', headers, proxyHeaders: [] })
  return [ip, reason]
}

/** What entry points of one package have under one name, and is not one thing. */
async function twoOfAKind(load) {
  const entries = {
    '@truehop/identity': ['portable', 'adapter'],
    '@truehop/proxy-protocol': ['evidence', 'receive', 'wire'],
  }
  const found = []
  for (const [name, paths] of Object.entries(entries)) {
    const whole = await load(name)
    for (const path of paths) {
      const part = await load(`${name}/${path}`)
      const shared = Object.keys(part).filter((key) => key in whole)
      if (shared.length === 0) found.push(path)
      found.push(...shared.filter((key) => part[key] !== whole[key]))
    }
  }
  return found.filter((key) => key !== '__esModule' && key !== 'module.exports')
}

const policy = { trust: ['127.0.0.1'], header: 'x-forwarded-for' }
const forwarded = { headers: { 'x-forwarded-for': '192.0.2.7' } }
const denied = { headers: { 'x-forwarded-for': '192.0.2.66' } }

async function fastify(load) {
  const { truehop } = await load('@truehop/fastify')
  const { allowlist } = await load('@truehop/allowlist/fastify')
  const { rateLimit } = await load('@truehop/rate-limit/fastify')
  const { accessLog } = await load('@truehop/log/fastify')
  const { inspector } = await load('@truehop/inspector/fastify')
  const { fastify: createFastify } = await load('fastify')
  const records = []
  const app = createFastify()
  await app.register(truehop, policy)
  await app.register(inspector, { prefix: '/_truehop', allow: ['loopback'] })
  await app.register(accessLog, combined(records))
  await app.register(allowlist, { deny: ['192.0.2.66'] })
  await app.register(rateLimit, { limit: 1, window: 60 })
  app.get('/', async (request) => request.clientIp)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const seen = await statuses(url)
  await app.close()
  return [...seen, ...records]
}

async function express(load, name) {
  const { truehop } = await load('@truehop/express')
  const { allowlist } = await load('@truehop/allowlist/express')
  const { rateLimit } = await load('@truehop/rate-limit/express')
  const { accessLog } = await load('@truehop/log/express')
  const { inspector } = await load('@truehop/inspector/express')
  const { default: createExpress } = await import(name)
  const records = []
  const app = createExpress()
  const identity = truehop(policy)
  app.use(accessLog({ ...combined(records), logger: console }))
  app.use(identity)
  app.use('/_truehop', inspector({ allow: ['loopback'] }))
  app.use(allowlist({ deny: ['192.0.2.66'] }))
  app.use(rateLimit({ limit: 1, window: 60 }))
  app.get('/', (request, response) => response.send(request.clientIp))
  const server = identity.attach(app.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  const seen = await statuses(`http://127.0.0.1:${server.address().port}`)
  server.close()
  await once(server, 'close')
  return [...seen, ...records]
}

/** Options of an access log whose lines are kept: of each the client and the status. */
function combined(records) {
  const write = (line) => records.push(line.replace(/^(\S+).*?" (\d+) .*\n/, '$1 $2'))
  return { fields: 'combined', destination: { write } }
}

/** A client is answered with its address, then limited; another one is denied. */
async function statuses(url) {
  const first = await fetch(url, forwarded)
  const body = await first.text()
  const second = await fetch(url, forwarded)
  const third = await fetch(url, denied)
  return [body, first.status, second.status, third.status]
}

exports.runAll = async (load) => {
  const exported = {}
  for (const specifier of process.argv.slice(2)) {
    exported[specifier] = await exportsOf(load, specifier)
  }
  const programs = {
    parse: await parse(load),
    wire: await wire(load),
    walk: await walk(load),
    twoOfAKind: await twoOfAKind(load),
    fastify: await fastify(load),
    express: await express(load, 'express'),
    express4: await express(load, 'express4'),
  }
  console.log(JSON.stringify({ exported, programs }))
}
