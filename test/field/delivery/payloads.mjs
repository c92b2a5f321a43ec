// What comes behind a PROXY header in clear text, or inside TLS.

const lines = (...all) => all.join('\r\n')

/** For servers of bytes. */
export const RAW = {
  nothing: '',
  'a byte': 'a',
  'some bytes': 'The quick brown fox jumps over the lazy dog.\0\xff',
  'another header': 'PROXY TCP4 192.0.2.9 198.51.100.9 9 9\r\nand more',
  'more than a read': 'x'.repeat(70_000),
}

/** For servers of HTTP/1, RFC 9112. */
export const HTTP = {
  nothing: '',
  'requests in a row': lines(
    'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello' +
      'POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: t\r\n\r\n3\r\nabc\r\n0\r\nT: v\r\n\r\n' +
      'GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  ),
  'a body that is announced': lines(
    'POST /1 HTTP/1.1',
    'Host: a',
    'Expect: 100-continue',
    'Content-Length: 3',
    '',
    'abc',
  ),
  'an upgrade, and its first bytes': lines(
    'GET /ws HTTP/1.1',
    'Host: a',
    'Connection: Upgrade',
    'Upgrade: websocket',
    '',
    '\x81\x03abc and more',
  ),
  'a tunnel, and its first bytes': lines('CONNECT a.example:443 HTTP/1.1', 'Host: a', '', 'first'),
  'a line that is no field': lines('GET /1 HTTP/1.1', 'Host: a', 'no field at all', '', ''),
  'half a request': lines('POST /1 HTTP/1.1', 'Host: a', 'Content-Length: 10', '', 'half'),
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
}
