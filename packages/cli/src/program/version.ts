import { readFileSync } from 'node:fs'

/** The version in this package's manifest. */
export function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  const value = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return value ? String(manifest.version) : ''
}
