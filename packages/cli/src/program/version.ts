import { existsSync, readFileSync } from 'node:fs'

/** The version in this package's manifest: one or two folders up, published or in a clone. */
export function version(): string {
  const places = ['../package.json', '../../package.json'].map(
    (path) => new URL(path, import.meta.url),
  )
  const place = places.find((url) => existsSync(url))
  const manifest: unknown = place === undefined ? {} : JSON.parse(readFileSync(place, 'utf8'))
  const value = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return value ? String(manifest.version) : ''
}
