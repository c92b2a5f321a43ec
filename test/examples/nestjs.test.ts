import { fileURLToPath } from 'node:url'
import { encode } from '@truehop/proxy-protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../peers/harness/folder.js'
import { freePort } from '../peers/harness/ports.js'
import { startProgram, stopAfterAll } from '../peers/harness/service.js'
import { ask } from './ask.js'

const CLIENT = '198.51.100.7'
const CLIENT_V6 = '2001:db8::7'
const FORGED = '203.0.113.99'

function proxyHeader(family: 'INET' | 'INET6', address: string): Buffer {
  const destination = { address: family === 'INET' ? '192.0.2.80' : '2001:db8::80', port: 443 }
  const source = { address, port: 51_442 }
  return encode({ version: 2, command: 'PROXY', family, transport: 'STREAM', source, destination })
}

const LOCAL = encode({ version: 2, command: 'LOCAL', family: 'UNSPEC', transport: 'UNSPEC' })

describe.each(['nestjs-express', 'nestjs-fastify'])('examples/src/%s.ts', (name) => {
  const keep = stopAfterAll()
  let port = 0

  beforeAll(async () => {
    port = await freePort()
    keep(
      await startProgram({
        path: process.execPath,
        args: [fileURLToPath(new URL(`../../examples/dist/${name}.js`, import.meta.url))],
        env: { PORT: String(port) },
        readyPort: port,
        folder: temporaryFolder('example'),
      }),
    )
  })

  test.each([
    ['the PROXY header', proxyHeader('INET', CLIENT), CLIENT, 'first-untrusted'],
    ['one of IPv6', proxyHeader('INET6', CLIENT_V6), CLIENT_V6, 'first-untrusted'],
    ['a health check', LOCAL, '127.0.0.1', 'proxy-local'],
  ])('clientIp and ip are who %s says, whatever is forged', async (_, preamble, client, why) => {
    const headers = { 'x-forwarded-for': FORGED, forwarded: `for=${FORGED}` }
    expect(await ask(port, { preamble, headers })).toEqual({ client, ip: client, why })
  })

  test('a connection without the header is refused', async () => {
    await expect(ask(port, {})).rejects.toThrow()
  })
})
