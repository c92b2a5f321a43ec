import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { credentials, Metadata, makeClientConstructor } from '@grpc/grpc-js'
import { encode } from '@truehop/proxy-protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { startNginx } from '../../peers/harness/nginx.js'
import { describeWithPeers, peerPath } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'
import { startProgram, stopAfterAll } from '../../peers/harness/service.js'
import { filesOf, programFolder, withReplaced } from '../ways/page-files.js'
import { compiled } from '../ways/typed-files.js'

const files = filesOf('docs/grpc.md')

/** The options of the page, and a service that is described here instead of by generated code. */
const CONNECT = `
import { create, createFileRegistry } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, file_google_protobuf_wrappers } from '@bufbuild/protobuf/wkt'
import { createClient } from '@connectrpc/connect'
import { fastifyConnectPlugin } from '@connectrpc/connect-fastify'
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node'
import { truehop } from '@truehop/fastify'
import Fastify from 'fastify'
import { client, options } from './client.mjs'

const wrappers = 'google/protobuf/wrappers.proto'
const text = '.google.protobuf.StringValue'
const method = [{ name: 'Hello', inputType: text, outputType: text }]
const file = create(FileDescriptorProtoSchema, {
  ...{ name: 'greeter.proto', package: 'example', syntax: 'proto3', dependency: [wrappers] },
  service: [{ name: 'Greeter', method }],
})
const known = createFileRegistry(file, () => file_google_protobuf_wrappers)
const Greeter = known.getService('example.Greeter')

const app = Fastify({ http2: true })
await app.register(truehop, { trust: ['loopback'], header: 'x-forwarded-for' })
const routes = (router) =>
  router.service(Greeter, { hello: (_, { values }) => ({ value: values.get(client).ip }) })
await app.register(fastifyConnectPlugin, { routes, ...options })
const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 })

const headers = { 'x-forwarded-for': '192.0.2.66, 198.51.100.7' }
for (const make of [createGrpcTransport, createConnectTransport]) {
  const caller = createClient(Greeter, make({ baseUrl, httpVersion: '2' }))
  console.log((await caller.hello({ value: '' }, { headers })).value)
}
process.exit()
`

const bytes = (value: Buffer) => value
const Hello = {
  ...{ path: '/example.Greeter/Hello', requestStream: false, responseStream: false },
  ...{ requestSerialize: bytes, requestDeserialize: bytes },
  ...{ responseSerialize: bytes, responseDeserialize: bytes },
}
const Greeter = makeClientConstructor({ Hello }, 'Greeter')

/** What the service answers, or the code of the error and what is said of it. */
function call(
  address: string,
  headers: readonly (readonly [string, string])[] = [],
): Promise<string> {
  const client = new Greeter(address, credentials.createInsecure())
  const metadata = new Metadata()
  for (const [name, value] of headers) metadata.add(name, value)
  const deadline = Date.now() + 20_000
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      ...([Hello.path, bytes, bytes, Buffer.alloc(0), metadata, { deadline }] as const),
      (error, value) => {
        client.close()
        resolve(error === null ? String(value) : `${error.code} ${error.details}`)
      },
    )
  })
}

const CLIENT = '198.51.100.7'
const FORGED = ['x-forwarded-for', '192.0.2.66'] as const

describe('the programs of the page about gRPC, asked by the client of @grpc/grpc-js', () => {
  const keep = stopAfterAll()
  const folder = programFolder()
  const ports = new Map<string, number>()
  const relays: Server[] = []

  const portOf = (file: string): number => ports.get(file) ?? 0

  async function start(file: string, ...more: readonly (readonly [string, string])[]) {
    const port = await freePort()
    const here = [['3000', port], ...more] as const
    const program = compiled(folder, file.replace('.ts', ''), withReplaced(files[file] ?? '', here))
    const own = { folder: temporaryFolder('grpc'), readyPort: port, patience: 60_000 }
    keep(await startProgram({ path: process.execPath, args: [program], ...own }))
    ports.set(file, port)
  }

  /** A TCP proxy that says in front of each connection who the client is; the address to call. */
  async function relayTo(port: number, address: string): Promise<string> {
    const header = encode({
      ...({ version: 2, command: 'PROXY', family: 'INET', transport: 'STREAM' } as const),
      source: { address, port: 51_442 },
      destination: { address: '192.0.2.80', port: 443 },
    })
    const relay = createServer((down) => {
      const up = connect(port, '127.0.0.1')
      up.write(header)
      down.on('error', () => up.destroy()).pipe(up)
      up.on('error', () => down.destroy()).pipe(down)
    })
    relays.push(relay)
    const front = await freePort()
    await new Promise<void>((resolve) => relay.listen(front, '127.0.0.1', resolve))
    return `127.0.0.1:${front}`
  }

  beforeAll(async () => {
    await start('fastify.ts', ['10.0.0.0/16', 'loopback'])
    await start('metadata.ts', ['10.0.1.7', 'loopback'])
    await start('proxy-headers.ts', ['10.0.1.8', 'loopback'])
  }, 200_000)

  afterAll(() => {
    for (const relay of relays) relay.close()
  })

  test.each(['fastify.ts', 'proxy-headers.ts'])(
    '%s: the client is who the PROXY header names, whatever the metadata says',
    async (file) => {
      const address = await relayTo(portOf(file), CLIENT)
      expect(await call(address, [FORGED])).toBe(`hello ${CLIENT}`)
    },
  )

  test('proxy-headers.ts: two connections at once have their own clients', async () => {
    const [one, other] = [
      await relayTo(portOf('proxy-headers.ts'), CLIENT),
      await relayTo(portOf('proxy-headers.ts'), '203.0.113.9'),
    ]
    const answers = await Promise.all([one, other, one].map((address) => call(address)))
    expect(answers).toEqual([`hello ${CLIENT}`, 'hello 203.0.113.9', `hello ${CLIENT}`])
  })

  test.each(['fastify.ts', 'proxy-headers.ts'])(
    '%s: a call without a PROXY header is refused',
    async (file) => {
      expect(await call(`127.0.0.1:${portOf(file)}`)).toMatch(/^(13|14) /)
    },
  )

  test('metadata.ts: the client is the last entry that the proxy wrote', async () => {
    const address = `127.0.0.1:${portOf('metadata.ts')}`
    expect(await call(address, [['x-forwarded-for', `192.0.2.66, ${CLIENT}`]])).toBe(
      `hello ${CLIENT}`,
    )
    expect(await call(address, [FORGED, ['x-forwarded-for', CLIENT]])).toBe(`hello ${CLIENT}`)
    expect(await call(address)).toBe('hello header-required')
  })

  test('metadata.ts: a port of @grpc/grpc-js itself takes a PROXY header for a broken call', async () => {
    expect(await call(await relayTo(portOf('metadata.ts'), CLIENT))).toMatch(/^(13|14) /)
  })

  test('client.ts: a handler of ConnectRPC has the client, called by gRPC and by its own protocol', () => {
    compiled(folder, 'client', files['client.ts'] ?? '')
    const program = compiled(folder, 'connect', CONNECT)
    const said = execFileSync(process.execPath, [program], { encoding: 'utf8', timeout: 60_000 })
    expect(said).toBe(`${CLIENT}\n${CLIENT}\n`)
  })

  describeWithPeers(['nginx'], 'behind the nginx of the page', () => {
    test('what a client writes does not count, and nginx names it', async () => {
      const front = await freePort()
      const server = withReplaced(files['nginx.conf'] ?? '', [
        ['listen 80', `listen 127.0.0.1:${front}`],
        ['10.0.2.5:3000', `127.0.0.1:${portOf('metadata.ts')}`],
      ])
      keep(await startNginx({ http: server }))
      expect(await call(`127.0.0.1:${front}`, [['x-forwarded-for', CLIENT]])).toBe(
        'hello 127.0.0.1',
      )
    })
  })

  describeWithPeers(['haproxy'], 'behind the HAProxy of the page', () => {
    test('the PROXY header names the client', async () => {
      const front = await freePort()
      const own = temporaryFolder('haproxy')
      const file = join(own, 'haproxy.cfg')
      const text = withReplaced(files['haproxy.cfg'] ?? '', [
        ['0.0.0.0:443', `127.0.0.1:${front}`],
        ['10.0.2.5:3000', `127.0.0.1:${portOf('proxy-headers.ts')}`],
      ])
      const timeouts =
        'defaults\n  timeout connect 5s\n  timeout client 10s\n  timeout server 10s\n'
      writeFileSync(file, `${timeouts}${text}\n`)
      const program = { path: peerPath('haproxy'), args: ['-db', '-f', file] }
      keep(await startProgram({ ...program, readyPort: front, folder: own }))
      expect(await call(`127.0.0.1:${front}`, [FORGED])).toBe('hello 127.0.0.1')
    })
  })
})
