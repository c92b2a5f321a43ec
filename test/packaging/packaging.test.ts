import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { output } from './command.js'
import {
  compileProgram,
  createProject,
  type Loading,
  type ProgramResults,
  runPrograms,
} from './consumer-project.js'
import { describeConsumers } from './consumers/consumers.js'
import { neededFiles } from './needed-files.js'
import { NODE_VERSIONS, nodePath } from './node-versions.js'
import { entryPoints, entryPointsOf, filesIn, names, packAll } from './tarballs.js'
import { addOlderVersion } from './versions.js'

/** What test/packaging/types-wrong.mjs says of a package. */
interface TypesFound {
  readonly name: string
  readonly entryPoints: readonly string[]
  readonly problems: readonly unknown[]
}

let folder: string
let project: string
let tarballs: Readonly<Record<string, string>>

/** One packing and one installation for all: what is packed is what the build wrote. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truehop-packaging-'))
  project = join(folder, 'project')
  tarballs = await packAll(folder)
  await createProject(project, tarballs)
}, 300_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(names)('%s', (name) => {
  const tarball = () => tarballs[name] ?? ''

  test('publint finds nothing', async () => {
    const { buffer, byteOffset, byteLength } = await readFile(tarball())
    const bytes = buffer.slice(byteOffset, byteOffset + byteLength)
    const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true })
    expect(pkg?.['name']).toBe(name)
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
  })
})

describe('are-the-types-wrong', () => {
  let found: readonly TypesFound[]

  beforeAll(async () => {
    const program = fileURLToPath(new URL('types-wrong.mjs', import.meta.url))
    found = JSON.parse(await output(process.execPath, [program, ...Object.values(tarballs)]))
  }, 300_000)

  test.each(names)('finds nothing in %s', (name) => {
    const own = found.find((each) => each.name === name)
    expect(own?.problems).toEqual([])
    const entries = own?.entryPoints.map((path) => name + path.slice(1))
    expect(entries).toEqual(expect.arrayContaining(entryPointsOf(name)))
  })
})

test('what is published has no source maps and no files of the compiler', async () => {
  const files = await Promise.all(names.map((name) => filesIn(tarballs[name] ?? '')))
  expect(files.flat()).toContain('package/lib/index.js')
  expect(
    files
      .flat()
      .filter((file) => /\.(map|tsbuildinfo|c?ts)$/.test(file) && !/\.d\.c?ts$/.test(file)),
  ).toEqual([])
})

test('a TypeScript program that uses every entry point compiles', async () => {
  await compileProgram(project, entryPoints)
})

test('what runs without Node asks for none of its modules', async () => {
  const modules = join(project, 'node_modules')
  const files = await neededFiles(modules, '@truehop/identity/lib/portable.js')
  expect([...files.keys()]).toContain('@truehop/ip/lib/shared.js')
  expect([...files].filter(([, text]) => /["']node:/.test(text)).map(([path]) => path)).toEqual([])
})

test('import and require in one process give one copy of everything', async () => {
  expect(JSON.parse(await output(process.execPath, ['both.mjs'], project))).toEqual({
    oneCopy: true,
    policy: true,
    address: true,
    inSet: true,
    outside: false,
    error: true,
    otherKind: false,
    served: { ip: '192.0.2.7', same: true },
  })
})

test('what few services need is read at start-up where it is needed, and no file for a request', async () => {
  const said = JSON.parse(await output(process.execPath, ['late-files.cjs'], project))
  expect(said).toEqual({
    imported: [],
    plain: { ready: [], served: [200, '192.0.2.7'], afterwards: [] },
    platform: { ready: ['platforms.cjs'], served: [200, '192.0.2.7'], afterwards: [] },
    redis: { ready: ['redis.cjs', 'guard.cjs'], served: [200, '192.0.2.7'], afterwards: [] },
  })
})

test('two versions in one process are one to each other: values, and requests of both frameworks', async () => {
  await addOlderVersion(project, '0.0.9')
  const said = JSON.parse(await output(process.execPath, ['versions.mjs'], project))
  const values = {
    policy: true,
    list: true,
    limiter: true,
    address: true,
    resolved: '192.0.2.7',
    listed: true,
    ranges: 1,
    error: true,
  }
  const served = { ip: '192.0.2.7', same: true, statuses: [200, 429, 403] }
  expect(said).toEqual({
    versions: [expect.not.stringMatching('0.0.9'), '0.0.9'],
    classes: false,
    values: [values, values],
    fastify: [served, served],
    express: [served, served],
  })
})

describe.each(NODE_VERSIONS)('Node %s', (version) => {
  let results: Readonly<Record<Loading, ProgramResults>>

  beforeAll(async () => {
    const node = await nodePath(version)
    const run = (loading: Loading) => runPrograms(project, node, loading, entryPoints)
    results = { import: await run('import'), require: await run('require') }
  }, 300_000)

  test.each<Loading>(['import', 'require'])(
    'programs that load the packages with %s work',
    (loading) => {
      const records = ['192.0.2.7 200', '192.0.2.7 429', '192.0.2.66 403']
      const app = ['192.0.2.7', 200, 429, 403, ...records]
      expect(results[loading].programs).toEqual({
        parse: ['10.0.0.1', true, false],
        wire: ['complete', '192.0.2.7', 4711],
        walk: ['192.0.2.7', 'first-untrusted'],
        twoOfAKind: [],
        fastify: app,
        express: app,
        express4: app,
      })
    },
  )

  test.each(entryPoints)('%s gives the same names to import and require', (entry) => {
    expect(results.import.exported[entry]).not.toEqual([])
    expect(results.require.exported[entry]).toEqual(results.import.exported[entry])
  })
})

describeConsumers(
  () => folder,
  () => tarballs,
)
