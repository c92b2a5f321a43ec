import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { root } from '../code-blocks.js'

export const folder = join(root, 'site/dist')

/** The HTML files of the site, from its top. */
export const htmlFiles: readonly string[] = readdirSync(folder, {
  recursive: true,
  encoding: 'utf8',
}).filter((file) => file.endsWith('.html'))

/** The addresses of its pages. */
export const addresses: readonly string[] = htmlFiles
  .filter((file) => file !== '404.html' && !file.startsWith('playground/app/'))
  .map((file) => `/${file.replace(/(^|\/)index\.html$|\.html$/, '$1')}`)
  .sort()

export const readHtml = (file: string): string => readFileSync(join(folder, file), 'utf8')

/** The file that is served at an address, as GitHub Pages finds it. */
export function fileAt(address: string): string | undefined {
  const path = decodeURI(address).replace(/^\//, '')
  return [path, `${path}.html`, join(path, 'index.html')].find((candidate) => {
    const file = join(folder, candidate)
    return existsSync(file) && statSync(file).isFile()
  })
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
}

/** Serves the site on a port of 127.0.0.1. */
export async function serveSite(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(({ url = '/' }, response) => {
    const file = fileAt(new URL(url, 'http://site').pathname)
    const type = TYPES[extname(file ?? '.html')] ?? 'application/octet-stream'
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': type })
    response.end(readFileSync(join(folder, file ?? '404.html')))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
