import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { start } from '../../packages/cli/test/running.js'
import { startHaproxy } from '../peers/harness/haproxy.js'
import { describeWithPeers, peerPath } from '../peers/harness/peer.js'
import { stopAfterAll } from '../peers/harness/service.js'

const run = promisify(execFile)

describeWithPeers(['curl'], 'truehop listen, seen by curl', () => {
  test.each([
    ['a request', []],
    ['a header and a request', ['--haproxy-protocol']],
    ['a body', ['--data', 'x'.repeat(100_000)]],
  ])('%s ends happily', async (_what, args) => {
    const { port } = await start('listen', '0')
    const url = `http://127.0.0.1:${port}/`
    const { stdout } = await run(peerPath('curl'), [
      '-sS',
      '--fail',
      '--noproxy',
      '*',
      ...args,
      url,
    ])
    expect(stdout).toMatch(/^seen: HTTP request {2}(GET|POST) \/ HTTP\/1\.1\n$/)
  })

  test('TLS: the server name and the protocols are printed', async () => {
    const { port, printed } = await start('listen', '0')
    const url = `https://localhost:${port}/`
    const args = ['-sSk', '--noproxy', '*', '--resolve', `localhost:${port}:127.0.0.1`, url]
    await expect(run(peerPath('curl'), args)).rejects.toThrow(/alert handshake failure/)
    await printed(/server name localhost\n +ALPN h2, http\/1\.1/)
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
