import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LONGEST, LongestFirst } from './vitest.sequencer.js'

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

/** Suites that need the machine for themselves: they run after all others, one at a time. */
const ALONE = [
  // Four processes that ask all the time, of a store that has a quarter of a second to answer.
  'test/redis/intervals.test.ts',
]

const gone = [...ALONE, ...LONGEST].find((suite) => !existsSync(here(suite)))
if (gone !== undefined) throw new Error(`vitest.config.ts, vitest.sequencer.ts: no suite ${gone}`)

/** Suites of the workspace mostly wait for programs of others: one more at a time than there are cores. */
const AT_A_TIME = availableParallelism() + 1

export default defineConfig({
  resolve: { alias },
  test: {
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // How long a page, a log or a metric may take on a busy machine; what comes sooner is seen sooner.
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: AT_A_TIME,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/test/**/*.test.ts'],
          exclude: WITHOUT_STATE,
        },
      },
      // Loading their modules anew for each file takes longer than what most of them test.
      { extends: true, test: { name: 'values', include: WITHOUT_STATE, isolate: false } },
      {
        extends: true,
        test: { name: 'system', include: ['test/**/*.test.ts'], exclude: ALONE },
      },
      { extends: true, test: { name: 'alone', include: ALONE, fileParallelism: false } },
    ],
  },
})
