import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { selfSigned } from '../../packages/cli/src/listen/certificate.js'
import { fileWriter } from '../../packages/cli/test/command-line.js'
import { start } from '../../packages/cli/test/running.js'
import { startHaproxy } from '../peers/harness/haproxy.js'
import { describeWithPeers, peerPath } from '../peers/harness/peer.js'
import { stopAfterAll } from '../peers/harness/service.js'

const run = promisify(execFile)

describeWithPeers(['curl'], 'truehop listen, seen by curl', () => {
  const curl = async (...args: readonly string[]): Promise<string> =>
    (await run(peerPath('curl'), ['-sS', '--fail', '--noproxy', '*', ...args])).stdout

  const BODY = ['--data', 'x'.repeat(100_000)]

  test.each([
    ['a request', 'http', [], 'HTTP request  GET / HTTP/1.1'],
    ['HEAD', 'http', ['--head'], undefined],
    ['a body', 'http', BODY, 'HTTP request  POST / HTTP/1.1'],
    ['an offer of h2c', 'http', ['--http2'], 'HTTP request  GET / HTTP/1.1'],
    ['HTTP/2 with prior knowledge', 'http', ['--http2-prior-knowledge'], 'HTTP/2 request  GET /'],
    ['HTTP/2 and a body', 'http', ['--http2-prior-knowledge', ...BODY], 'HTTP/2 request  POST /'],
    ['HTTP/2 over TLS', 'https', [], 'HTTP/2 request  GET /'],
    ['HTTP/2 over TLS and a body', 'https', BODY, 'HTTP/2 request  POST /'],
    ['HTTP/1 over TLS', 'https', ['--http1.1'], 'HTTP request  GET / HTTP/1.1'],
    ['TLS without ALPN', 'https', ['--no-alpn'], 'HTTP request  GET / HTTP/1.1'],
    ['TLS 1.2', 'https', ['--tls-max', '1.2'], 'HTTP/2 request  GET /'],
  ])('%s ends happily, and behind a PROXY header', async (_what, scheme, args, seen) => {
    const { port, printed } = await start('listen', '0')
    const ask = (...more: readonly string[]) =>
      curl('--insecure', ...args, ...more, `${scheme}://127.0.0.1:${port}/`)
    for (const answer of [await ask(), await ask('--haproxy-protocol')]) {
      if (seen !== undefined) expect(answer).toBe(`seen: ${seen}\n`)
    }
    await printed(/PROXY header {2}v1 PROXY INET STREAM/)
  })

  test('many requests on one connection end happily', async () => {
    const { port } = await start('listen', '0')
    const url = `https://127.0.0.1:${port}/[1-20]`
    const answers = await curl('--insecure', '--parallel', '--parallel-max', '20', url)
    expect(answers.match(/seen: HTTP\/2 request/g)).toHaveLength(20)
  })

  test('version 2 before TLS ends happily', async () => {
    const { port, printed } = await start('listen', '0')
    const to = `127.0.0.1:${port}`
    const relay = await start('relay', '--listen', '0', '--to', to, '--send', 'v2')
    const answer = await curl('--insecure', `https://127.0.0.1:${relay.port}/`)
    expect(answer).toBe('seen: HTTP/2 request  GET /\n')
    await printed(/PROXY header {2}v2 PROXY INET STREAM[\s\S]*TLS ClientHello[\s\S]*inside TLS/)
  })

  test('TLS: the server name and the protocols are printed', async () => {
    const { port, printed } = await start('listen', '0')
    const url = `https://localhost:${port}/`
    await curl('--insecure', '--resolve', `localhost:${port}:127.0.0.1`, url)
    await printed(/server name localhost\n +ALPN h2, http\/1\.1/)
    await printed(/inside TLS, TLSv1\.3 TLS_\w+, ALPN h2/)
  })

  test('curl that checks the certificate is recognized', async () => {
    const { port, printed } = await start('listen', '0')
    await expect(curl(`https://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 60 })
    await printed(/inside TLS, nothing: tlsv1 alert unknown ca/)
  })
})

describeWithPeers(['curl', 'openssl'], 'truehop listen with a certificate', () => {
  const write = fileWriter()

  test('curl that trusts it ends happily, without --insecure', async () => {
    const { cert, key } = selfSigned(['localhost', '127.0.0.1'])
    const [certFile, keyFile] = [write('cert.pem', cert), write('key.pem', key)]
    const { port } = await start('listen', '--tls-cert', certFile, '--tls-key', keyFile, '0')
    const args = ['-sS', '--noproxy', '*', '--cacert', certFile, `https://127.0.0.1:${port}/`]
    const { stdout } = await run(peerPath('curl'), args)
    expect(stdout).toBe('seen: HTTP/2 request  GET /\n')
  })

  test('OpenSSL reads and verifies the one that is made here', async () => {
    const file = write('own.pem', selfSigned(['localhost', '127.0.0.1', '::1']).cert)
    const openssl = async (...args: readonly string[]) =>
      (await run(peerPath('openssl'), [...args, file])).stdout
    expect(
      await openssl('verify', '-x509_strict', '-verify_hostname', 'localhost', '-CAfile', file),
    ).toBe(`${file}: OK\n`)
    const text = await openssl('x509', '-noout', '-text', '-in')
    expect(text).toContain('Version: 3 (0x2)')
    expect(text).toContain('ASN1 OID: prime256v1')
    expect(text).toMatch(/DNS:localhost, IP Address:127\.0\.0\.1, IP Address:0:0:0:0:0:0:0:1/)
    expect(await openssl('asn1parse', '-in')).not.toContain('Error')
  })
})

describeWithPeers(['haproxy', 'curl'], 'truehop listen behind HAProxy', () => {
  const own = stopAfterAll()

  test('shows what send-proxy-v2 sends', async () => {
    const listener = await start('listen', '0')
    const server = 'send-proxy-v2 proxy-v2-options crc32c,unique-id'
    const lines = ['unique-id-format %pid']
    const route = { mode: 'http', to: listener.port, server, lines } as const
    const { ports } = own(await startHaproxy({ route }))
    await run(peerPath('curl'), ['-sS', '--noproxy', '*', `http://127.0.0.1:${ports.route}/`])
    await listener.printed(/PROXY header {2}v2 PROXY INET STREAM/)
    await listener.printed(/TLV 0x03 CRC32C, 4 bytes: 0x[0-9a-f]{8}/)
    await listener.printed(/TLV 0x05 UNIQUE_ID, \d+ bytes/)
  })
})
