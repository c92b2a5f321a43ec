// The rows of the table: each figure, what it is held against, and whether it reaches its target.

/** Why a target is missed, where that is known. Shown only in a run that misses it. */
const REASONS = {
  resolve:
    'reading four addresses, looking each of them up and printing the last takes about two thirds of it, even written out by hand in one function that knows one rule and one header; the rest are the objects of the walk and of its answer, which each request has for itself',
  'same header':
    'the answer is an object of its own for each request, because the scheme and host it tells depend on headers that may differ; that and counting the decision take more than comparing the header, which is compared and not assumed',
  'resolve 10,000':
    'the same walk as with 3 prefixes; the larger set adds little (see the growth of lookups)',
  'long header': 'the walk ends at `maxHops`; each of the 64 elements before is read in full',
  'parse IPv4': 'strict reading of each digit, and an address object',
  'parse IPv6': 'strict reading of each digit, and an address object',
  lookup: 'see the growth of lookups',
  'bytes a prefix': '9 bytes are the prefix and its parent, 1 to 2 the index',
  'decode v2':
    'every field is checked, and the header is a value of its own: printing its two addresses takes about half',
  'decode v1':
    'each of some fifty bytes is checked, and the header is a value of its own; printing the source takes about a fifth',
  accepted:
    'the header is read into a buffer of its own before the server sees the connection, and what came with it is put back; Node itself reads requests without such a buffer. One timer serves all connections that wait',
  'kept alive':
    'nothing of ours runs once the header was read, and the socket is in the state of one without: see how far a server differs from itself',
  'Fastify identity':
    'each request has another header, so each is walked anew: in a profile that is nearly all of the difference, and the plugin itself does not show',
  'Fastify four':
    'in a profile writing the record as JSON takes most beside Fastify itself; it has 26 fields, the facts of both decisions among them',
  'Express four': 'see the row of Fastify',
  'Redis rate':
    '64 decisions travel in one call of one script, and while the server decides them this process waits: on a busy machine each call waits for the scheduler twice, which the CPU of a decision does not show',
  'Redis CPU':
    'a key that has room is read with the others and changed in place, which takes about a fourth of the script; Lua takes most of the rest',
  'Redis p99':
    'a decision is answered with the 63 others of its call, the first as late as the last',
  'frozen first':
    'waiting ends two milliseconds before the deadline; on a busy machine a timer of Node is later than that',
  'frozen later': 'see the limiter',
  'import time':
    'seven files of five packages, one for each entry point that is needed: finding and opening them takes about half of it (as much with empty files), compiling what is in them most of the rest',
  'installed size': 'half of it is type declarations',
}

export function rowsOf(run) {
  const { functions, servers, redis, imports, sizes } = run
  const long = run.elements.find(({ count }) => count === 1600)
  const set = run.prefixes.find(({ count }) => count === 100_000)
  const rows = [
    time(
      'resolve',
      'resolve, 3-hop XFF, 3 prefixes, nothing cached',
      'proxy-addr',
      functions.resolve,
      150,
    ),
    time(
      'same header',
      'the same header again on the same connection',
      'proxy-addr',
      functions['same-header'],
      20,
    ),
    time(
      'resolve 10,000',
      'the same, 10,000 prefixes, nothing cached',
      'proxy-addr',
      functions['resolve-10000'],
      250,
    ),
    time('long header', '16 KB XFF of 1,600 trusted elements', 'proxy-addr', long, 10_000),
    time('parse IPv4', 'parse IPv4 text', 'ipaddr.js', functions['parse-ipv4'], 25),
    time('parse IPv6', 'parse IPv6 text', 'ipaddr.js', functions['parse-ipv6'], 90),
    time('lookup', 'prefix lookup, 100,000 prefixes, random addresses', 'net.BlockList', set, 40),
    most(
      'bytes a prefix',
      'memory of the set, 100,000 prefixes',
      `${round(set.bytes)} bytes a prefix`,
      set.bytes,
      16,
      '≤ 16 bytes',
    ),
    time('decode v2', 'decode a v2 header, IPv4', 'proxy-protocol-js', functions['decode-v2'], 60),
    time('decode v1', 'decode a v1 header, TCP4', 'proxy-protocol-js', functions['decode-v1'], 150),
    accepted(servers.accepted),
    rate(
      'kept alive',
      'requests on a kept-alive connection after a header',
      'the same server without one',
      servers.keptAlive['http-proxy-protocol'],
      servers.keptAlive['http-bare'],
      0.99,
    ),
    rate(
      'noise',
      'the server without a header against itself: how far equal servers differ',
      'the same server',
      servers.keptAlive['http-again'],
      servers.keptAlive['http-bare'],
    ),
    rate(
      'Fastify identity',
      'Fastify, identity only, `clientIp` read',
      'bare Fastify',
      servers.fastifyIdentity['fastify-identity'],
      servers.fastifyIdentity['fastify-bare'],
      0.98,
    ),
    rate(
      'Fastify four',
      'Fastify, identity + access record + allowlist of 10,000 + limit',
      'trustProxy + its logger + BlockList + @fastify/rate-limit',
      servers.fastify['fastify-truehop'],
      servers.fastify['fastify-peers'],
      2,
    ),
    // The peer's list is slow before Node 24: this tells what the others make of it.
    rate(
      'Fastify three',
      'the same without the allowlist',
      'trustProxy + its logger + @fastify/rate-limit',
      servers.fastifyUnlisted['fastify-truehop-unlisted'],
      servers.fastifyUnlisted['fastify-peers-unlisted'],
    ),
    rate(
      'Express four',
      'Express, the same four',
      'trust proxy + morgan + express-ipfilter + express-rate-limit',
      servers.express['express-truehop'],
      servers.expressPeers['express-peers'],
      3,
    ),
  ]
  if (redis !== undefined) rows.push(...redisRows(redis))
  rows.push(
    most(
      'import time',
      'import of @truehop/fastify beside fastify',
      `${round(imports.beside)} ms`,
      imports.beside / imports.fastify,
      0.1,
      '≤ 10 %',
      'fastify itself',
      `${round(imports.fastify)} ms`,
    ),
    most(
      'installed size',
      'installed size of @truehop/fastify and its dependencies',
      `${round(sizes.truehop.kilobytes)} KB`,
      sizes.truehop.kilobytes / sizes.fastify.kilobytes,
      0.1,
      '≤ 10 %',
      'fastify itself',
      `${round(sizes.fastify.kilobytes)} KB`,
    ),
  )
  return rows.map((row) => ({ ...row, reason: row.met ? undefined : REASONS[row.key] }))
}

/** Reasons that parts of the table have no figure in this run. */
export function notMeasured(run) {
  const { redis } = run
  const lines = [
    'ppp, the decoder in Rust: it is not a JavaScript library; its own published figures are 50 ns for v2 and 218 ns for v1, on another machine.',
  ]
  if (redis === undefined)
    return [...lines, 'The limits in Redis: this machine has no `redis-server`.']
  const { inPlaceOfRedis } = redis.atOnce
  if (inPlaceOfRedis > 0) {
    lines.push(
      `In the rows of Redis, ${inPlaceOfRedis} decisions were made in its place, because no answer had come within 50 ms.`,
    )
  }
  const { PATIENCE, peer } = redis.frozen
  lines.push(
    `How long the other limiters wait for a frozen Redis: we stop waiting after ${PATIENCE / 1000} s (${peer === 'nothing' ? 'no answer by then' : peer}).`,
  )
  return lines
}

function time(key, what, peer, { truehop, peer: other }, target) {
  return {
    ...{ key, what, peer, met: truehop <= target, target: `≤ ${nanoseconds(target)}` },
    ...{ ours: nanoseconds(truehop), theirs: nanoseconds(other), ratio: times(other / truehop) },
  }
}

/** A share or an amount that should be small. */
function most(key, what, ours, value, target, written, peer = '', theirs = '') {
  const ratio = peer === '' ? '' : `${round(100 * value)} %`
  return { key, what, peer, ours, theirs, ratio, met: value <= target, target: written }
}

function accepted({ 'http-proxy-protocol': ours, 'http-bare': bare }) {
  const ratio = ratioOf(ours, bare)
  return {
    key: 'accepted',
    what: 'server CPU for each accepted connection with a PROXY header (http, keep-alive off)',
    peer: 'the same server without one',
    ours: `${round(ours.cpu)} µs`,
    theirs: `${round(bare.cpu)} µs`,
    ratio: `${ratio.text} the CPU`,
    target: '≤ 1.08 ×',
    met: ratio.middle <= 1.08,
  }
}

/** Requests for the same CPU time of the server. */
function rate(key, what, peer, ours, theirs, target = 0) {
  const ratio = ratioOf(theirs, ours)
  return {
    ...{ key, what, peer, ours: `${round(ours.cpu)} µs`, theirs: `${round(theirs.cpu)} µs` },
    ...{ ratio: ratio.text, target: target > 0 ? `≥ ${target} ×` : '' },
    met: ratio.middle >= target,
  }
}

/**
 * How many times as much CPU time the one server takes as the other: the median of the ratios of
 * turns that followed each other, and their quartiles. Of servers that did not run in turns, the
 * ratio of the medians.
 */
export function ratioOf(one, other) {
  if (one.turns.length !== other.turns.length) {
    const middle = one.cpu / other.cpu
    return { middle, text: times(middle) }
  }
  const ratios = one.turns.map((cpu, turn) => cpu / other.turns[turn]).sort((a, b) => a - b)
  const at = (share) => ratios[Math.floor(ratios.length * share)]
  return {
    middle: at(0.5),
    text: `${times(at(0.5))} (${at(0.25).toFixed(2)} to ${at(0.75).toFixed(2)})`,
  }
}

/** None of a run that did not count it. */
function redisCpu(ours, theirs, peer) {
  if (ours.cpu === undefined) return []
  const ratio = theirs.cpu / ours.cpu
  return [
    {
      ...{ key: 'Redis CPU', what: 'the same, CPU of client and server for a decision', peer },
      ...{ ours: `${round(ours.cpu)} µs`, theirs: `${round(theirs.cpu)} µs` },
      ...{ ratio: times(ratio), target: '≥ 2 ×', met: ratio >= 2 },
    },
  ]
}

function redisRows({ atOnce: { truehop, peer }, frozen }) {
  const ratio = truehop.perSecond / peer.perSecond
  const redis = 'rate-limit-redis on ioredis'
  return [
    {
      ...{ key: 'Redis rate', what: 'limit in Redis, 64 at once', peer: redis },
      ...{
        ours: `${round(truehop.perSecond)} a second`,
        theirs: `${round(peer.perSecond)} a second`,
      },
      ...{ ratio: times(ratio), target: '≥ 2 ×', met: ratio >= 2 },
    },
    ...redisCpu(truehop, peer, redis),
    {
      ...{ key: 'Redis p99', what: 'the same, 99th percentile', peer: redis },
      ...{ ours: `${round(truehop.p99)} ms`, theirs: `${round(peer.p99)} ms` },
      ...{
        ratio: times(peer.p99 / truehop.p99),
        target: 'not above',
        met: truehop.p99 <= peer.p99,
      },
    },
    most(
      'frozen first',
      'first decision with Redis frozen',
      `${round(frozen.first)} ms`,
      frozen.first,
      50,
      '≤ 50 ms',
    ),
    most(
      'frozen later',
      'decisions after that',
      `${round(frozen.later)} ms`,
      frozen.later,
      1,
      '< 1 ms',
    ),
  ]
}

function times(ratio) {
  return `${ratio >= 10 ? round(ratio) : ratio.toFixed(2)} ×`
}

export function nanoseconds(ns) {
  if (ns >= 1e6) return `${round(ns / 1e6)} ms`
  return ns >= 1000 ? `${round(ns / 1000)} µs` : `${round(ns)} ns`
}

/** Three digits; whole numbers from 100 on. */
export function round(value) {
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : `${Number(value.toPrecision(value >= 10 ? 3 : 2))}`
}
