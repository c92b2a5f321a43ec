import { get } from 'node:http'
import { describe, expect, test } from 'vitest'
import { start } from '../../packages/cli/test/running.js'
import { certificate } from '../peers/harness/certificate.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { stopAfterAll } from '../peers/harness/service.js'
import { startFastify } from './harness/whoami.js'

const hops = [
  { from: ['loopback'], asserts: 'proxy-protocol' },
  { from: ['198.51.100.0/24'], asserts: 'x-forwarded-for' },
]

function whoami(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/whoami', agent: false }
    const asked = get(options, (answer) => {
      let text = ''
      answer.on('data', (chunk) => {
        text += String(chunk)
      })
      answer.once('error', reject)
      answer.once('end', () => resolve(text))
    })
    asked.once('error', reject)
  })
}

const named = (client: string): string => JSON.stringify({ client })

const relay = (to: number, ...args: string[]) =>
  start('relay', '--listen', '0', '--to', `127.0.0.1:${to}`, ...args)

describe('a chain of relays', () => {
  const own = stopAfterAll()

  test('each hop says who was before it', async () => {
    const app = own(await startFastify({ hops }))
    const outer = await relay(app.port, '--send', 'v2', '--client', '198.51.100.7')
    expect(await whoami(outer.port)).toBe(named('198.51.100.7'))
    const args = ['--send', 'none', '--append-xff', '--client', '203.0.113.7']
    const edge = await relay(outer.port, ...args)
    expect(await whoami(edge.port)).toBe(named('203.0.113.7'))
  })
})

describeWithPeers(['openssl'], 'a relay that speaks TLS behind the header', () => {
  const own = stopAfterAll()

  test.each(['v1', 'v2'])('%s', async (version) => {
    const { port } = own(await startFastify({ hops }, certificate()))
    const args = ['--send', version, '--client', '192.0.2.7', '--tls', '--insecure', '--append-xff']
    const edge = await relay(port, ...args)
    expect(await whoami(edge.port)).toBe(named('192.0.2.7'))
  })

  test('a certificate that nobody vouches for ends it, unless told otherwise', async () => {
    const { port } = own(await startFastify({ hops }, certificate()))
    const { port: at, printed } = await relay(port, '--send', 'v2', '--tls', '--append-xff')
    expect(await whoami(at)).toBe('the target cannot be reached\n')
    await printed(/self-signed certificate/)
  })
})
