import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const source = join(root, 'packages/identity/src/ranges/snapshots')
const folder = mkdtempSync(join(tmpdir(), 'truehop-providers-'))
const written = (name: string) => readFileSync(join(folder, `${name}.ts`), 'utf8')
const shipped = (name: string) => readFileSync(join(source, `${name}.ts`), 'utf8')

/** The script runs to its end while this process waits, so the lists are served by a thread. */
const SERVER = `
  const { createServer } = require('node:http')
  const { parentPort, workerData } = require('node:worker_threads')
  const server = createServer((request, response) => response.end(workerData[request.url]))
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`
const LISTS = {
  '/good': JSON.stringify({
    result: {
      ipv4_cidrs: Array.from({ length: 20 }, (_, i) => `198.18.${i}.0/24`),
      ipv6_cidrs: ['2001:db8::/32'],
    },
  }),
  '/short': '173.245.48.0/20\n',
  '/broken': '{"result":{"ipv4_cidrs":["*"],"ipv6_cidrs":[]}}',
}

let worker: Worker
let port: number

beforeAll(async () => {
  worker = new Worker(SERVER, { eval: true, workerData: LISTS })
  port = await new Promise<number>((resolve) => worker.once('message', resolve))
})

afterAll(async () => {
  await worker.terminate()
  rmSync(folder, { recursive: true })
})

function refresh(list: string): { status: number | null; output: string } {
  cpSync(source, folder, { recursive: true })
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/refresh-providers.mjs', `cloudflare=http://127.0.0.1:${port}${list}`],
    { cwd: root, encoding: 'utf8', env: { ...process.env, TRUEHOP_SNAPSHOTS: folder } },
  )
  return { status, output: stdout + stderr }
}

describe('refreshing the snapshots', () => {
  test('writes the new list with its date, and nothing else', () => {
    expect(refresh('/good')).toMatchObject({
      status: 0,
      output: expect.stringContaining('cloudflare: 21 prefixes of 20'),
    })
    const text = written('cloudflare')
    expect(text).toContain("    '198.18.19.0/24',\n    '2001:db8::/32',\n  ],")
    expect(text).not.toContain("'173.245.48.0/20'")
    expect(text).toMatch(/\n {2}date: '20\d\d-\d\d-\d\d',/)
    expect(written('fastly')).toBe(shipped('fastly'))
  })

  test.each([
    ['/short', 'shrank from 22 to 1'],
    ['/broken', 'is not an IP prefix'],
  ])('refuses %s and leaves the file as it was', (list, why) => {
    const { status, output } = refresh(list)
    expect(status).not.toBe(0)
    expect(output).toContain(why)
    expect(written('cloudflare')).toBe(shipped('cloudflare'))
  })
})
