/** Mutation testing, started by `pnpm mutate`: scripts/mutate.mjs says which files and suites. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  // Which suites to ask is settled by then; looking for related ones anew costs time for every mutant.
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  mutate: (process.env.MUTATE ?? '').split(' '),
  coverageAnalysis: 'perTest',
  // What runs while modules load cannot be told apart by test; every suite would run for each. These
  // changes are not counted; docs/testing.md says how many there are.
  ignoreStatic: true,
  concurrency: 1,
  // Stryker rewrites a tsconfig.json with the compiler's API, which TypeScript 7 has not; the suites need none.
  tsconfigFile: 'none',
  ignorePatterns: ['dist', 'docs', '.git', 'sbom.cdx.json'],
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { reportTests: false },
  tempDirName: '.stryker-tmp',
}
