// The rows of the table: each figure, what it is held against (what you would use instead, and the least
// that can be written by hand), and whether it reaches its target.

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
    'the header is read into a buffer of its own before the server sees the connection, and what came with it is put back; Node itself reads requests without such a buffer, and need not ask who the peer is. What is written by hand for one form of header pays for that too',
  'kept alive':
    'nothing of ours runs once the header was read, and the socket is in the state of one without: see how far a server differs from itself',
  'Fastify identity':
    'each request has another header, so each is walked anew: in a profile that is nearly all of the difference, and the plugin itself does not show',
  'Fastify four':
    'see the [flame graph](flame-graphs.md): beside Fastify and Node, the record takes most, and of that writing a line of some 600 characters',
  'Fastify floor':
    'what is written by hand has one hook in place of five, no identity, no decision and no evidence of how either came about, and half as long a record',
  'Express four': 'see the row of Fastify',
  'Express three': 'see the row of Fastify',
  allocated: 'the walk, its nodes and the identity are objects of their own for each request',
  'decode v2 many':
    'both addresses are printed for every header; with one destination it is printed once',
  'decode v1 many':
    'both addresses are read for every header; with one destination it is read once',
  unbound: 'a record has three times as many fields as the two lines of Fastify together',
  cluster:
    'every decision is a message to the primary and one back, each written and read as JSON by a process; those of one turn travel together',
  'replaced list':
    'the list is read in slices, and the finished set is put in place in one of them',
  'short connections': 'accepting a connection takes most, which is the same for both',
  'memory after': 'the limiter keeps a record for each client for as long as its window matters',
  'import four':
    'two dozen files of eight packages: finding and opening them takes about a third of it, compiling 430 KB half, running what they begin with the rest',
  'Fastify Redis':
    'about three requests arrive in a turn, and their call of the script has to be read, decoded and answered as one of 64 has: what it costs besides is shared by three',
  'Redis rate':
    '64 decisions travel in one call of one script, and while the server decides them this process waits: on a busy machine each call waits for the scheduler twice, which the CPU of a decision does not show',
  'Redis CPU':
    'a key that has room is read with the others and changed in place, which takes about a fourth of the script; Lua takes most of the rest',
  'Redis pipelined': 'see the row of the CPU',
  'Redis p99':
    'a decision is answered with the 63 others of its call, the first as late as the last',
  'frozen first':
    'waiting ends two milliseconds before the deadline; on a busy machine a timer of Node is later than that',
  'frozen later': 'see the limiter',
  'import time':
    'a dozen files of six packages: finding and opening them takes about a third of it, compiling what is in them half',
  'installed size': 'half of it is type declarations',
}

/**
 * `value` is how many times as good truehop is, for those who compare runs; it is missing where a run
 * of a few minutes says too little.
 */
export function rowsOf(run) {
  const { functions, servers, redis, imports, sizes } = run
  const long = run.elements.find(({ count }) => count === 1600)
  const set = run.prefixes.find(({ count }) => count === 100_000)
  const rows = [
    faster(
      'resolve',
      'resolve, 3-hop XFF, 3 prefixes, nothing cached',
      'proxy-addr',
      functions.resolve,
      14,
    ),
    allocation(functions.allocated),
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
    replacedList(functions.replaced),
    faster(
      'decode v2',
      'decode v2 headers, IPv4, one destination',
      'proxy-protocol-js',
      functions['decode-v2'],
      2.5,
    ),
    faster(
      'decode v1',
      'decode v1 headers, TCP4, one destination',
      'proxy-protocol-js',
      functions['decode-v1'],
      2.5,
    ),
    faster(
      'decode v2 many',
      'decode v2 headers, 512 destinations',
      'proxy-protocol-js',
      functions['decode-v2-many'],
      2.5,
    ),
    faster(
      'decode v1 many',
      'decode v1 headers, 512 destinations',
      'proxy-protocol-js',
      functions['decode-v1-many'],
      2.5,
    ),
    ...decodedToNumbers(functions['decode-v2-many']),
    ...serverRows(servers, run.held),
  ]
  if (redis !== undefined) rows.push(...redisRows(redis))
  rows.push(
    share(
      'import time',
      'import of @truehop/fastify beside fastify',
      imports.beside,
      imports.fastify,
      0.1,
      'ms',
    ),
    share(
      'import four',
      'import of all four beside fastify',
      imports.four,
      imports.fastify,
      0.3,
      'ms',
    ),
    share(
      'installed size',
      'installed size of @truehop/fastify and its dependencies',
      sizes.truehop.kilobytes,
      sizes.fastify.kilobytes,
      0.1,
      'KB',
    ),
  )
  return rows.map((row) => ({
    floor: '',
    value: undefined,
    ...row,
    reason: row.met ? undefined : REASONS[row.key],
  }))
}

function serverRows(servers, held) {
  const { fastify, fastifyIdentity: identity, fastifyUnlisted: three, keptAlive } = servers
  const [ours, peers] = ['fastify-truehop-unlisted', 'fastify-peers-unlisted']
  const trustProxy = 'trustProxy + its logger'
  return [
    accepted(servers.accepted),
    rate(
      'kept alive',
      'requests on a kept-alive connection after a header',
      'the same server without one',
      keptAlive['http-proxy-protocol'],
      keptAlive['http-bare'],
      0.99,
    ),
    rate(
      'noise',
      'the server without a header against itself: how far equal servers differ',
      'the same server',
      keptAlive['http-again'],
      keptAlive['http-bare'],
    ),
    {
      ...rate(
        'Fastify identity',
        'Fastify, identity only, `clientIp` read',
        'bare Fastify',
        identity['fastify-identity'],
        identity['fastify-bare'],
        0.97,
      ),
      floor: above(identity['fastify-identity'], identity['fastify-floor-identity']),
    },
    {
      ...rate(
        'Fastify four',
        'Fastify, identity + access record + allowlist of 10,000 + limit',
        `${trustProxy} + BlockList + @fastify/rate-limit`,
        fastify['fastify-truehop'],
        fastify['fastify-peers'],
        1.3,
      ),
      floor: above(fastify['fastify-truehop'], fastify['fastify-floor']),
    },
    floorRow(fastify),
    // Before Node 24 the peer's list walks every entry: this tells what the others make of it.
    rate(
      'Fastify three',
      'the same without the allowlist',
      `${trustProxy} + @fastify/rate-limit`,
      three[ours],
      three[peers],
    ),
    rate(
      'short connections',
      'the same, 10,000 connections with a request each',
      `${trustProxy} + @fastify/rate-limit`,
      servers.short[ours],
      servers.short[peers],
      1,
    ),
    memoryRow('memory after', held[ours], held[peers]),
    rate(
      'unbound',
      'Fastify, access record without a policy',
      'its own two lines',
      servers.unbound['fastify-log-unbound'],
      servers.unbound['fastify-log-own'],
      1,
    ),
    rate(
      'Express four',
      'Express, all four',
      'trust proxy + morgan + express-ipfilter + express-rate-limit',
      servers.express['express-truehop'],
      servers.expressPeers['express-peers'],
      3,
    ),
    rate(
      'Express three',
      'Express, all four without the allowlist',
      'trust proxy + morgan + express-rate-limit',
      servers.expressUnlisted['express-truehop-unlisted'],
      servers.expressUnlisted['express-peers-unlisted'],
      1.4,
    ),
    clusterRow(servers.cluster),
    ...redisServerRow(servers.redis),
  ]
}

/** Reasons that parts of the table have no figure in this run. */
export function notMeasured(run) {
  const { redis } = run
  if (redis === undefined) return ['The limits in Redis: this machine has no `redis-server`.']
  const lines = []
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
    value: other / truehop,
  }
}

/** A function that should be so many times as fast as the peer's. */
function faster(key, what, peer, { truehop, peer: other }, target) {
  const ratio = other / truehop
  return {
    ...{ key, what, peer, met: ratio >= target, target: `≥ ${target} ×` },
    ...{ ours: nanoseconds(truehop), theirs: nanoseconds(other), ratio: times(ratio) },
    value: ratio,
  }
}

/** What the peer's decoder takes as it is, without the text of an address. */
function decodedToNumbers({ truehop, numbers }) {
  if (numbers === undefined) return []
  const what = 'decode v2 headers, 512 destinations: the peer’s addresses left as arrays of numbers'
  const row = faster('decode v2 numbers', what, 'proxy-protocol-js', { truehop, peer: numbers }, 0)
  return [{ ...row, target: '' }]
}

function allocation({ truehop, peer }) {
  return {
    ...{ key: 'allocated', what: 'the same, allocated', peer: 'proxy-addr' },
    ...{ ours: `${round(truehop)} bytes`, theirs: `${round(peer)} bytes` },
    ...{ ratio: times(peer / truehop), target: '≤ 300 bytes', met: truehop <= 300 },
    value: peer / truehop,
  }
}

function replacedList({ longest, clock }) {
  const what = `a list of 1,000,000 prefixes replaced: the longest turn (${clock === 'cpu' ? 'CPU' : 'wall'} time)`
  return most('replaced list', what, `${round(longest)} ms`, longest, 20, '≤ 20 ms')
}

function floorRow(servers) {
  const [ours, floor] = [servers['fastify-truehop'], servers['fastify-floor']]
  const plain = servers['fastify-floor-plain']
  const ratio = ratioOf(ours, floor)
  return {
    key: 'Fastify floor',
    what: `the same, written by hand for one service (with a line of text in place of pino: ${round(plain.cpu)} µs)`,
    peer: 'by hand, with pino',
    ours: `${round(ours.cpu)} µs`,
    theirs: `${round(floor.cpu)} µs`,
    ratio: `${ratio.text} the CPU`,
    target: '≤ 1.1 ×',
    met: ratio.middle <= 1.1,
    value: 1 / ratio.middle,
  }
}

function memoryRow(key, ours, peers) {
  const grown = ({ before, after }) => Math.max(0, after - before) / 1024
  return {
    ...{ key, what: 'the same, memory held after 20,000 more requests of 10,000 clients' },
    ...{ peer: 'trustProxy + its logger + @fastify/rate-limit' },
    ...{ ours: `${round(grown(ours))} KB`, theirs: `${round(grown(peers))} KB`, ratio: '' },
    ...{ target: 'not above', met: grown(ours) <= grown(peers) },
  }
}

function clusterRow(servers) {
  const ratio = ratioOf(servers['cluster-store'], servers['cluster-memory'])
  return {
    key: 'cluster',
    what: 'two workers, limit counted in the primary: CPU of all processes',
    peer: 'counted in each of them',
    ours: `${round(servers['cluster-store'].cpu)} µs`,
    theirs: `${round(servers['cluster-memory'].cpu)} µs`,
    ratio: `${ratio.text} the CPU`,
    target: '≤ 1.3 ×',
    met: ratio.middle <= 1.3,
    value: 1 / ratio.middle,
  }
}

/** None of a run without Redis. */
function redisServerRow(servers) {
  if (servers === undefined) return []
  return [
    rate(
      'Fastify Redis',
      'Fastify, limit in Redis: CPU of the server and of Redis for a request',
      'trustProxy + @fastify/rate-limit on ioredis',
      servers['fastify-truehop-redis'],
      servers['fastify-peers-redis'],
      1,
    ),
  ]
}

/** By hand, and how many times as much CPU ours takes. */
function above(ours, floor) {
  return `${round(floor.cpu)} µs (${ratioOf(ours, floor).middle.toFixed(2)} ×)`
}

function share(key, what, ours, theirs, target, unit) {
  const [one, other] = [`${round(ours)} ${unit}`, `${round(theirs)} ${unit}`]
  const row = most(
    key,
    what,
    one,
    ours / theirs,
    target,
    `≤ ${100 * target} %`,
    'fastify itself',
    other,
  )
  return { ...row, value: theirs / ours }
}

/** A share or an amount that should be small. */
function most(key, what, ours, value, target, written, peer = '', theirs = '') {
  const ratio = peer === '' ? '' : `${round(100 * value)} %`
  return { key, what, peer, ours, theirs, ratio, met: value <= target, target: written }
}

function accepted(servers) {
  const { 'http-proxy-protocol': ours, 'http-bare': bare, 'http-floor-protocol': floor } = servers
  const ratio = ratioOf(ours, bare)
  return {
    key: 'accepted',
    what: 'server CPU for each accepted connection with a PROXY header (http, keep-alive off)',
    peer: 'the same server without one',
    ours: `${round(ours.cpu)} µs`,
    theirs: `${round(bare.cpu)} µs`,
    ratio: `${ratio.text} the CPU`,
    ...(floor === undefined ? {} : { floor: above(ours, floor) }),
    target: '≤ 1.08 ×',
    met: ratio.middle <= 1.08,
    value: 1 / ratio.middle,
  }
}

/** Requests for the same CPU time of the server. */
function rate(key, what, peer, ours, theirs, target = 0) {
  const ratio = ratioOf(theirs, ours)
  return {
    ...{ key, what, peer, ours: `${round(ours.cpu)} µs`, theirs: `${round(theirs.cpu)} µs` },
    ...{ ratio: ratio.text, target: target > 0 ? `≥ ${target} ×` : '' },
    met: ratio.middle >= target,
    value: ratio.middle,
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

function redisRows({ atOnce: { truehop, peer }, pipelined, frozen }) {
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
      ...{
        key: 'Redis pipelined',
        what: 'the same, `enableAutoPipelining` on both sides, CPU of a decision',
      },
      ...{
        peer: redis,
        ours: `${round(pipelined.truehop.cpu)} µs`,
        theirs: `${round(pipelined.peer.cpu)} µs`,
      },
      ...{ ratio: times(pipelined.peer.cpu / pipelined.truehop.cpu), target: '≥ 1.3 ×' },
      met: pipelined.peer.cpu / pipelined.truehop.cpu >= 1.3,
    },
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
