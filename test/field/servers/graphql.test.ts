import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from 'graphql-ws'
import { beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { codeBlocksOf, root } from '../../docs/code-blocks.js'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { freePort } from '../../peers/harness/ports.js'
import { startProgram, stopAfterAll } from '../../peers/harness/service.js'
import { programFolder, withReplaced } from '../ways/page-files.js'
import { compiled } from '../ways/typed-files.js'

const blocks = codeBlocksOf('docs/graphql.md').filter(({ language }) => language === 'ts')

const CLIENT = '198.51.100.7'

test('the page has the programs that are run here', () => {
  expect(blocks).toHaveLength(5)
})

const keep = stopAfterAll()
const folder = programFolder()

/** Starts the n-th program of the page, with a proxy's address that this machine has; its port. */
async function start(index: number): Promise<number> {
  const port = await freePort()
  const here = [
    ['3000', port],
    ['10.0.0.0/8', '127.0.0.1'],
  ] as const
  const text = withReplaced(blocks[index]?.text ?? '', here)
  const program = compiled(folder, `${index}`, text)
  const own = { folder: temporaryFolder('graphql'), readyPort: port, patience: 60_000 }
  keep(await startProgram({ path: process.execPath, args: [program], ...own }))
  return port
}

async function ask(port: number, query: string, forwarded: string) {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': forwarded },
    body: JSON.stringify({ query }),
  })
  return { status: response.status, body: await response.json() }
}

describe.each([
  ['GraphQL Yoga in Express', 0, 2],
  ['Mercurius', 1, 3],
])('%s', (_name, identity, limit) => {
  let port = 0

  beforeAll(async () => {
    port = await start(identity)
  })

  test('resolvers see the client, and not what stands left of it', async () => {
    const answer = await ask(port, '{ client }', `192.0.2.66, ${CLIENT}`)
    expect(answer).toEqual({ status: 200, body: { data: { client: CLIENT } } })
  })

  test('a request without a client is refused before anything is resolved', async () => {
    expect((await ask(port, '{ client }', 'unknown')).status).toBe(400)
  })

  test('the limit counts what a query costs, for each client', async () => {
    const limited = await start(limit)
    const dear = `{ ${Array.from({ length: 60 }, (_, n) => `a${n}: time`).join(' ')} }`
    // Each of the 60 fields is two words.
    expect((await ask(limited, dear, CLIENT)).status).toBe(429)
    const half = `{ ${Array.from({ length: 30 }, (_, n) => `a${n}: time`).join(' ')} }`
    expect((await ask(limited, half, CLIENT)).status).toBe(200)
    expect((await ask(limited, half, CLIENT)).status).toBe(429)
    expect((await ask(limited, half, '203.0.113.9')).status).toBe(200)
  })
})

/** What the page's table says to write for a library. */
function contextOf(library: string): string {
  const rows = readFileSync(join(root, 'docs/graphql.md'), 'utf8').split('\n')
  const [, written] = rows.find((row) => row.startsWith(`| ${library}`))?.split(' | ') ?? []
  return written?.replace(/^`|` \|$/g, '') ?? ''
}

const GRAPHQL_HTTP = (edge: 'express' | 'fastify') => `
import { truehop } from '@truehop/${edge}'
import { identityOf } from '@truehop/identity'
import { buildSchema } from 'graphql'
import { createHandler } from 'graphql-http/lib/use/${edge}'
import ${edge} from '${edge}'

const handler = createHandler({
  schema: buildSchema('type Query { client: String }'),
  rootValue: { client: (_, { client }) => client.ip ?? client.reason },
  ${contextOf('`graphql-http/')},
})
const options = { trust: ['127.0.0.1'], header: 'x-forwarded-for' }
const app = ${edge}()
`

const ENDS = {
  express: "app.use(truehop(options)); app.all('/graphql', handler); app.listen(3000, '127.0.0.1')",
  fastify:
    "await app.register(truehop, options); app.all('/graphql', handler); await app.listen({ port: 3000, host: '127.0.0.1' })",
}

describe.each(['express', 'fastify'] as const)('graphql-http in %s', (edge) => {
  test('resolvers see the client, and not what stands left of it', async () => {
    const port = await freePort()
    const listening = ENDS[edge].replace('3000', `${port}`)
    const program = compiled(folder, `graphql-http-${edge}`, GRAPHQL_HTTP(edge) + listening)
    const own = { folder: temporaryFolder('graphql'), readyPort: port, patience: 60_000 }
    keep(await startProgram({ path: process.execPath, args: [program], ...own }))
    expect(await ask(port, '{ client }', `192.0.2.66, ${CLIENT}`)).toEqual({
      ...{ status: 200, body: { data: { client: CLIENT } } },
    })
  })
})

describe('graphql-ws', () => {
  let port = 0

  beforeAll(async () => {
    port = await start(4)
  })

  test('a subscription has the client of the upgrade', async () => {
    class FromTheProxy extends WebSocket {
      constructor(address: string, protocols: string | string[]) {
        super(address, protocols, { headers: { 'x-forwarded-for': `192.0.2.66, ${CLIENT}` } })
      }
    }
    const url = `ws://127.0.0.1:${port}/graphql`
    const client = createClient({ url, webSocketImpl: FromTheProxy, retryAttempts: 0 })
    const results: unknown[] = []
    for await (const result of client.iterate({ query: 'subscription { client }' })) {
      results.push(result)
    }
    await client.dispose()
    expect(results).toEqual([{ data: { client: CLIENT } }])
  })
})
