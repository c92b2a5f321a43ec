import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A new folder for generated files; whoever asks for it removes it. */
export function temporaryFolder(purpose: string): string {
  return mkdtempSync(join(tmpdir(), `truehop-${purpose}-`))
}

/** A folder that outlives the run, outside of version control: for what is costly to make again. */
export function cacheFolder(purpose: string): string {
  const folder = fileURLToPath(
    new URL(`../../../node_modules/.cache/truehop/${purpose}`, import.meta.url),
  )
  mkdirSync(folder, { recursive: true })
  return folder
}
