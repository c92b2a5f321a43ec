import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Suites run on the sources; only the packaging suite and the examples use what the build wrote. */
const alias = readdirSync(here('packages')).flatMap((name) => [
  { find: new RegExp(`^@truehop/${name}$`), replacement: here(`packages/${name}/src/index.ts`) },
  {
    find: new RegExp(`^@truehop/${name}/(receive|wire)$`),
    replacement: here(`packages/${name}/src/$1/index.ts`),
  },
  { find: new RegExp(`^@truehop/${name}/(.+)$`), replacement: here(`packages/${name}/src/$1.ts`) },
])

/** Suites of pure functions: they replace nothing, listen to nothing, and leave nothing behind in their process. */
const WITHOUT_STATE = [
  'packages/{forwarded,ip,options}/test/**/*.test.ts',
  'packages/proxy-protocol/test/wire/**/*.test.ts',
]

/** Suites over the whole workspace that neither start programs of others nor wait for time to pass. */
const AT_ONCE = [
  'test/{api,architecture,docs,types,vectors,workflows}/**/*.test.ts',
  'test/field/options/**/*.test.ts',
]

/** Suites over the documentation as a site, which is built once for all of them. */
const SITE = 'test/docs/site/**/*.test.ts'

export default defineConfig({
  resolve: { alias },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/test/**/*.test.ts', ...AT_ONCE],
          exclude: [...WITHOUT_STATE, SITE],
        },
      },
      // Loading their modules anew for each file takes longer than what most of them test.
      { extends: true, test: { name: 'values', include: WITHOUT_STATE, isolate: false } },
      {
        extends: true,
        test: {
          name: 'site',
          include: [SITE],
          globalSetup: here('test/docs/site/build.ts'),
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: [...AT_ONCE, SITE],
          fileParallelism: false,
        },
      },
    ],
  },
})
