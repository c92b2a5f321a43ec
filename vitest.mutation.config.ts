import { defineConfig } from 'vitest/config'
import base from './vitest.config.js'

/** The suites that are to notice a mutant: those of its own package. */
const folder = process.env['MUTATE_PACKAGE'] ?? '*'

export default defineConfig({
  resolve: base.resolve ?? {},
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    include: [`packages/${folder}/test/**/*.test.ts`],
  },
})
