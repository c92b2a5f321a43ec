import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('the tables of options say what start-up reads', () => {
  execFileSync(process.execPath, ['scripts/write-option-tables.mjs', '--check'], { cwd: root })
})
