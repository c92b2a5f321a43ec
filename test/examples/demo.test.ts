import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../../examples/dist/demo/main.js', import.meta.url))
const demo = new URL('../../examples/dist/demo/', import.meta.url)
const run = promisify(execFile)

/** Paths, refusals and answers of both applications; nobody disagrees. */
const AGREEMENT =
  '22 connections, 4 of them refused; 50 answers of log, allowlist and limiter: all agree with the identity.'

const loopback = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
/** Containers may have no IPv6 at all, and then nothing can be shared at ::1. */
const withIpv6 = test.runIf(loopback.some(({ address }) => address === '::1'))

describe('the demonstration', () => {
  test('ends with everybody agreeing, in 120 columns, without colours for a pipe', async () => {
    const { stdout } = await run(process.execPath, [main])
    const lines = stdout.trim().split('\n')
    expect(lines.at(-1)).toBe(AGREEMENT)
    expect(lines.filter((line) => line.length > 120)).toEqual([])
    expect(stdout).not.toContain('\u001b')
  })

  withIpv6('works where edge and relay have to share ::1', async () => {
    const script = `
      import { runDemo } from '${new URL('demo.js', demo)}'
      import { TOGETHER } from '${new URL('cast.js', demo)}'
      process.exitCode = await runDemo({ serve: false, cast: TOGETHER })`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script])
    expect(stdout.trim().split('\n').at(-1)).toBe(AGREEMENT)
  })

  withIpv6('fails where anybody disagrees', async () => {
    // The limiter counts IPv6 by /64 here, so it names another client than the rest.
    const script = `
      import { runDemo } from '${new URL('demo.js', demo)}'
      import { TOGETHER } from '${new URL('cast.js', demo)}'
      import { LIMIT } from '${new URL('app.js', demo)}'
      LIMIT.ipv6Prefix = 64
      process.exitCode = await runDemo({ serve: false, cast: TOGETHER })`
    const failed = run(process.execPath, ['--input-type=module', '--eval', script])
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('the limiter saw ::/64, the identity is ::1'),
    })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('--serve runs until %s', async (signal) => {
    const child = spawn(process.execPath, [main, '--serve'], { stdio: ['ignore', 'pipe', 'pipe'] })
    const exited = once(child, 'exit')
    let printed = ''
    let looked: Promise<void> | undefined
    for await (const chunk of child.stdout) {
      printed += String(chunk)
      if (!printed.includes('Access records:')) continue
      looked ??= lookAtInspectors(printed).finally(() => child.kill(signal))
    }
    await looked
    expect(await exited).toEqual([0, null])
  })

  /** The page is for everybody on this machine, and for nobody whom the relay speaks for. */
  async function lookAtInspectors(printed: string): Promise<void> {
    const pages = [...printed.matchAll(/in a browser +(\S+) {2}the inspector/g)]
    expect(pages).toHaveLength(2)
    for (const [, page = ''] of pages) {
      const response = await fetch(page)
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('<title>truehop inspector</title>')
    }
    const relayed = [...printed.matchAll(/curl --haproxy-protocol --interface (\S+) (\S+)/g)]
    expect(relayed).toHaveLength(2)
    for (const [, relay = '', app = ''] of relayed) {
      expect(await statusThrough(relay, new URL('/_truehop/', app))).toBe(403)
    }
  }

  /** Asked from the address of the relay, with a header that names somebody else. */
  async function statusThrough(relay: string, { hostname, port, pathname }: URL): Promise<number> {
    const host = hostname.replace(/[[\]]/g, '')
    const proxied = relay.includes(':') ? 'TCP6 2001:db8::7 ::1' : 'TCP4 198.51.100.7 127.0.0.1'
    const socket = connect({ host, port: Number(port), localAddress: relay })
    socket.write(`PROXY ${proxied} 4711 80\r\nGET ${pathname} HTTP/1.0\r\n\r\n`)
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
  }

  test('refuses arguments that it does not know', async () => {
    const failed = run(process.execPath, [main, '--server'])
    await expect(failed).rejects.toMatchObject({ code: 2 })
  })
})
