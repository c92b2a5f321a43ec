// Frames of HTTP/2, RFC 9113 section 4.1, and the openings of connections made of them.

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const DATA = 0
const HEADERS = 1
const RST_STREAM = 3
const SETTINGS = 4
const GOAWAY = 7
const END_STREAM = 1
const END_HEADERS = 4

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Literal fields without indexing, RFC 7541 section 6.2.2. */
function request(stream, flags = 0, fields = []) {
  const all = [
    [':method', 'POST'],
    [':path', '/'],
    [':scheme', 'http'],
    [':authority', 'a'],
    ...fields,
  ]
  const text = (value) => Buffer.concat([Buffer.of(value.length), Buffer.from(value)])
  const block = all.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)])
  return frame(HEADERS, END_HEADERS | flags, stream, Buffer.concat(block))
}

function number(...values) {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at)
  return bytes
}

const reset = (stream, code) => frame(RST_STREAM, 0, stream, number(code))
const goAway = (code) => frame(GOAWAY, 0, 0, number(0, code))
const opening = (...frames) => Buffer.concat([PREFACE, frame(SETTINGS, 0, 0), ...frames])
const EXPECT = [['expect', '100-continue']]

export const CASES = {
  'a request, and expect, reset': opening(request(1, 0, EXPECT), reset(1, 8)),
  'a request, reset with CANCEL': opening(request(1), reset(1, 8)),
  'a request, reset with NO_ERROR': opening(request(1), reset(1, 0)),
  'a request, reset with PROTOCOL_ERROR': opening(request(1), reset(1, 1)),
  'a whole request, reset': opening(request(1, END_STREAM), reset(1, 8)),
  'a request and a part of its body, reset': opening(
    request(1),
    frame(DATA, 0, 1, Buffer.from('abc')),
    reset(1, 8),
  ),
  'a request and its body': opening(request(1), frame(DATA, END_STREAM, 1, Buffer.from('abc'))),
  'a request and GOAWAY': opening(request(1, END_STREAM), goAway(0)),
  'a request and GOAWAY with an error': opening(request(1, END_STREAM), goAway(1)),
  'a request and bytes that are no frame': opening(
    request(1, END_STREAM),
    Buffer.from('no frame of HTTP/2 at all'),
  ),
  'two requests, the first reset': opening(
    request(1, END_STREAM),
    request(3, END_STREAM),
    reset(1, 8),
  ),
}
