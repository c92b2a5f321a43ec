import { copyFile, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { filesOf } from '../../field/ways/page-files.js'
import { output } from '../command.js'
import { entryPoints } from '../tarballs.js'
import { COMPILATIONS, compile } from './compilers.js'
import {
  createIsolatedProject,
  createPlugAndPlayProject,
  createToolProject,
  type Tarballs,
  writeJson,
  yarn,
} from './project.js'

/** What `service` prints: the client that was let in, then limited, and the one that was denied. */
const SERVED = {
  client: [200, '192.0.2.7'],
  again: 429,
  denied: 403,
  page: 200,
  records: ['192.0.2.7', '192.0.2.7', '192.0.2.66', '127.0.0.1'],
}

const RUNTIMES = [
  ['Deno', 'deno', ['run', '--allow-all', 'service.mjs']],
  ['Deno, CommonJS', 'deno', ['run', '--allow-all', 'service.cjs']],
  ['Bun', 'bun', ['service.mjs']],
  ['Bun, CommonJS', 'bun', ['service.cjs']],
] as const

/** Compilers and package managers, on two slow cores. In milliseconds. */
const LONGEST = 480_000

const BUNDLES = [
  ...['esbuild', 'rolldown', 'webpack'].flatMap((name) => [`${name}.cjs`, `${name}.mjs`]),
  'webpack-node.mjs',
]

const IMPORT = /(from|require\()\s*["']@truehop/

/** Without the message that says what to import for a policy in YAML. */
function codeOf(bundle: string): string {
  return bundle.replaceAll(/"[^"\n]*import loadPolicy, [^"\n]*"/g, '""')
}

/** Suites of what people load, test, compile and bundle the packed packages with. */
export function describeConsumers(folder: () => string, tarballs: () => Tarballs): void {
  describe('in a project of npm', () => {
    let project: string
    const bin = (name: string) => join(project, 'node_modules/.bin', name)
    const run = (name: string, ...args: readonly string[]) => output(bin(name), args, project)

    beforeAll(async () => {
      project = join(folder(), 'tools')
      await createToolProject(project, tarballs())
    }, LONGEST)

    test.each(RUNTIMES)(
      '%s runs a service',
      async (_, name, args) => {
        expect(JSON.parse(await run(name, ...args))).toEqual(SERVED)
      },
      LONGEST,
    )

    test(
      'Jest loads the packages from CommonJS',
      async () => {
        await run('jest', '--rootDir', project, '--testMatch', '**/client.test.cjs')
      },
      LONGEST,
    )

    test(
      'Jest loads the packages from ES modules',
      async () => {
        const jest = [bin('jest'), '--rootDir', project, '--testMatch', '**/client.test.mjs']
        await output(process.execPath, ['--experimental-vm-modules', ...jest], project)
      },
      LONGEST,
    )

    test(
      'Jest runs the project that a page shows, with Express 4 and sessions',
      async () => {
        const way = join(project, 'way')
        await mkdir(join(way, 'node_modules'), { recursive: true })
        await symlink(join(project, 'node_modules/express4'), join(way, 'node_modules/express'))
        const files = filesOf('docs/ways/express-jest-sessions.md')
        expect(Object.keys(files)).toEqual(['app.cjs', 'server.cjs', 'app.test.cjs'])
        for (const [name, text] of Object.entries(files)) await writeFile(join(way, name), text)
        await run('jest', '--rootDir', way, '--testMatch', '**/*.test.cjs')
      },
      LONGEST,
    )

    test(
      'Vitest loads the packages',
      async () => {
        await run('vitest', 'run', '--globals', 'client.test.mjs')
      },
      LONGEST,
    )

    test(
      "Node's own test runner loads the packages",
      async () => {
        const report = await output(process.execPath, ['--test', 'client.node-test.cjs'], project)
        expect(report).toMatch(/pass 1\n/)
      },
      LONGEST,
    )

    test.each(['tsx', 'ts-node'])(
      '%s runs a service written in TypeScript',
      async (name) => {
        const typed = join(project, name)
        await mkdir(typed)
        await writeJson(join(typed, 'package.json'), { type: 'commonjs' })
        await writeJson(join(typed, 'tsconfig.json'), {
          compilerOptions: { module: 'commonjs', moduleResolution: 'node10', strict: true },
        })
        await copyFile(join(project, 'service.ts'), join(typed, 'service.ts'))
        const printed = await output(bin(name), ['service.ts'], typed)
        expect(JSON.parse(printed)).toEqual({ client: '192.0.2.7', express: 'function' })
      },
      LONGEST,
    )

    describe('bundled into one file', () => {
      let alone: string

      /** Beside the bundles lies nothing but the framework. */
      beforeAll(async () => {
        await output(process.execPath, ['bundle.mjs'], project)
        alone = join(folder(), 'bundled')
        await mkdir(join(alone, 'node_modules'), { recursive: true })
        await symlink(join(project, 'node_modules/fastify'), join(alone, 'node_modules/fastify'))
        await rename(join(project, 'bundles'), join(alone, 'bundles'))
      }, LONGEST)

      test.each(BUNDLES)('%s runs without the packages', async (file) => {
        const bundle = join(alone, 'bundles', file)
        expect(codeOf(await readFile(bundle, 'utf8'))).not.toMatch(IMPORT)
        expect(JSON.parse(await output(process.execPath, [bundle], alone))).toEqual(SERVED)
      })
    })

    test.each(COMPILATIONS)(
      '$compiler compiles every entry point: $type, $moduleResolution, exact: $exactOptionalPropertyTypes',
      (compilation) => compile(project, compilation, entryPoints),
      LONGEST,
    )
  })

  describe('one package beside the framework', () => {
    test(
      'is enough under pnpm, which hides what the manifest does not name',
      async () => {
        const project = join(folder(), 'isolated')
        await createIsolatedProject(project, tarballs())
        await expectServed((file) => output(process.execPath, [file], project))
      },
      LONGEST,
    )

    test(
      'is enough under yarn without a node_modules folder',
      async () => {
        const project = join(folder(), 'plug-and-play')
        await createPlugAndPlayProject(project, tarballs())
        await expectServed((file) => yarn(project, 'node', file))
      },
      LONGEST,
    )
  })
}

async function expectServed(run: (file: string) => Promise<string>): Promise<void> {
  for (const file of ['one-package.cjs', 'one-package.mjs']) {
    expect(JSON.parse(await run(file))).toEqual({ client: '192.0.2.7', ranges: 'function' })
  }
}
