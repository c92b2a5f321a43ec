import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { InspectorError } from '../inspector-error.js'

/** One file of the page, held in memory. */
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

const FOLDER = new URL('../../dist/page/', import.meta.url)

let files: ReadonlyMap<string, PageFile> | undefined

/** Read once, at start-up: no request ever reaches the file system. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  files ??= new Map(Object.entries(TYPES).map(([name, type]) => [name, load(name, type)]))
  return files
}

function load(name: string, type: string): PageFile {
  const body = read(name)
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22)
  return { type, body, etag: `"${hash}"` }
}

function read(name: string): Buffer {
  try {
    return readFileSync(new URL(name, FOLDER))
  } catch {
    throw new InspectorError(
      'page-missing',
      '',
      `the page is not beside this package's code (${fileURLToPath(FOLDER)}): in a clone run npm run build; a bundler must leave @truehop/inspector external`,
    )
  }
}
