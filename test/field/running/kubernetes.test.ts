import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { freePort } from '../../peers/harness/ports.js'
import { ask, bodyOf, header, RunningProgram, request, talk } from './running-program.js'

const CLIENT = '198.51.100.7'
/** A proxy in front of the load balancer, which only the second policy knows. */
const EDGE = '192.0.2.7'

const LB = { name: 'lb', from: ['127.0.0.1'], asserts: 'proxy-protocol' }
const FIRST = { hops: [LB] }
const SECOND = { hops: [LB, { name: 'edge', from: [EDGE], asserts: 'x-forwarded-for' }] }

const fromEdge = header(EDGE) + request('/', [`X-Forwarded-For: ${CLIENT}`])

interface Started {
  readonly program: RunningProgram
  readonly port: number
  readonly probes: number
}

/** A folder as the kubelet makes it for a ConfigMap, and what replaces its content. */
function configMap(policy: object) {
  const folder = temporaryFolder('configmap')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  let edition = 0
  const write = (text: string): void => {
    const data = `..edition-${edition++}`
    mkdirSync(join(folder, data))
    writeFileSync(join(folder, data, 'policy.json'), text)
    symlinkSync(data, join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  }
  write(JSON.stringify(policy))
  const path = join(folder, 'policy.json')
  symlinkSync(join('..data', 'policy.json'), path)
  return { path, write }
}

async function start(path: string, env: Readonly<Record<string, string>> = {}): Promise<Started> {
  const [port, probes] = [await freePort(), await freePort()]
  const ports = { PORT: String(port), PROBES_PORT: String(probes) }
  const own = { POLICY: path, DRAIN: '1500', LOOK_EVERY: '3600000', ...ports, ...env }
  const program = RunningProgram.example('running', own)
  await program.printed('Server listening')
  return { program, port, probes }
}

const statusOf = async (port: number, path: string): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).status

describe('probes', () => {
  test('are answered without a PROXY header, where the service itself refuses that', async () => {
    const { port, probes } = await start(configMap(FIRST).path)
    expect(await statusOf(probes, '/ready')).toBe(200)
    expect(await statusOf(probes, '/live')).toBe(200)
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
    expect(await ask(port, header(CLIENT) + request('/'))).toEqual({ client: CLIENT })
  })
})

describe('SIGTERM', () => {
  test('loses no byte of a header that is half in', async () => {
    const { program, port, probes } = await start(configMap(FIRST).path)
    const bytes = header(CLIENT) + request('/')
    const { socket, answer } = await talk(port, bytes.slice(0, 20))
    program.signal('SIGTERM')
    while ((await statusOf(probes, '/ready')) !== 503) await delay(20)
    expect(await statusOf(probes, '/live')).toBe(200)
    socket.write(bytes.slice(20))
    expect(bodyOf(await answer)).toEqual({ client: CLIENT })
    expect(await program.ended).toBe(0)
  })

  test('waits for nobody who never ends a header', async () => {
    const { program, port } = await start(configMap(FIRST).path, { DRAIN: '100' })
    const { answer } = await talk(port, header(CLIENT).slice(0, 20))
    program.signal('SIGTERM')
    expect(await answer).toBe('')
    expect(await program.ended).toBe(0)
    expect(program.output).toContain('shutting-down')
  })

  test('lets a request end that is being served', async () => {
    const { program, port } = await start(configMap(FIRST).path, { DRAIN: '100' })
    const { answer } = await talk(port, header(CLIENT) + request('/slow'))
    await program.printed('incoming request')
    program.signal('SIGTERM')
    expect(bodyOf(await answer)).toEqual({ client: CLIENT })
    expect(await program.ended).toBe(0)
  })

  test('serves connections that come before the endpoints have changed', async () => {
    const { program, port, probes } = await start(configMap(FIRST).path)
    program.signal('SIGTERM')
    while ((await statusOf(probes, '/ready')) !== 503) await delay(20)
    expect(await ask(port, header(CLIENT) + request('/'))).toEqual({ client: CLIENT })
    expect(await program.ended).toBe(0)
  })
})

describe('another policy', () => {
  test('comes into force with SIGHUP', async () => {
    const { path, write } = configMap(FIRST)
    const { program, port } = await start(path)
    expect(await ask(port, fromEdge)).toEqual({ client: EDGE })
    write(JSON.stringify(SECOND))
    program.signal('SIGHUP')
    await program.printed('policy replaced')
    expect(await ask(port, fromEdge)).toEqual({ client: CLIENT })
  })

  test('comes into force when a ConfigMap changes, which swaps the link ..data', async () => {
    const { path, write } = configMap(FIRST)
    const { program, port } = await start(path, { LOOK_EVERY: '100' })
    write(JSON.stringify(SECOND))
    await program.printed('policy replaced')
    expect(await ask(port, fromEdge)).toEqual({ client: CLIENT })
    write(JSON.stringify(FIRST))
    await program.printed('policy replaced', 2)
    expect(await ask(port, fromEdge)).toEqual({ client: EDGE })
  })

  test.each([
    ['is no policy', '{"hops": [{"name": "lb"}]}'],
    ['is cut short', '{"hops": ['],
    ['expects no PROXY headers any more', '{"trust": ["127.0.0.1"], "header": "x-forwarded-for"}'],
  ])('that %s leaves the one before in force', async (_what, text) => {
    const { path, write } = configMap(FIRST)
    const { program, port } = await start(path)
    write(text)
    program.signal('SIGHUP')
    await program.printed('policy refused')
    expect(await ask(port, header(CLIENT) + request('/'))).toEqual({ client: CLIENT })
  })
})
