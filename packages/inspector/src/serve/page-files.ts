import { createHash } from 'node:crypto'
import { texts } from '#page'

/** One file of the page, kept in memory. */
export interface PageFile {
  readonly type: string
  readonly body: Buffer
  readonly etag: string
}

/** Names below the mount point; the first is the page itself. */
const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'inspector.js': 'text/javascript; charset=utf-8',
  'inspector.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
}

let files: ReadonlyMap<string, PageFile> | undefined

/** Part of the code, so that a bundler includes them: no file is looked for on disk. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  files ??= new Map(Object.entries(TYPES).map(([name, type]) => [name, load(name, type)]))
  return files
}

function load(name: string, type: string): PageFile {
  const body = Buffer.from(texts[name] ?? '')
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22)
  return { type, body, etag: `"${hash}"` }
}
