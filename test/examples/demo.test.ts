import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
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
    for await (const chunk of child.stdout) {
      printed += String(chunk)
      if (!child.killed && printed.includes('Access records:')) child.kill(signal)
    }
    expect(printed).toContain('curl --haproxy-protocol --interface')
    expect(await exited).toEqual([0, null])
  })

  test('refuses arguments that it does not know', async () => {
    const failed = run(process.execPath, [main, '--server'])
    await expect(failed).rejects.toMatchObject({ code: 2 })
  })
})
