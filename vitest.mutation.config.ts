import { defineConfig } from 'vitest/config'
import base from './vitest.config.js'

/** The suites that are to notice a mutant, as globs: scripts/mutate.mjs says which. */
const suites = process.env['MUTATE_SUITES'] ?? 'packages/*/test/**/*.test.ts'

export default defineConfig({
  resolve: base.resolve ?? {},
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    setupFiles: ['scripts/mutation-setup.mjs'],
    include: suites.split(' '),
  },
})
