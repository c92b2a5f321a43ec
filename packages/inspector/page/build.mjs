/**
 * Builds the page of the inspector into `dist/page`, from where it is served, and the script of
 * the playground into `docs/playground/dist`. One classic script each, so that the playground
 * works when it is opened as a file.
 */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const page = join(here, '../dist/page')

await bundle('inspector', page)
await bundle('playground', join(here, '../../../docs/playground/dist'))
for (const file of ['index.html', 'icon.svg']) copyFileSync(join(here, file), join(page, file))

function bundle(name, outDir) {
  return build({
    configFile: false,
    root: here,
    logLevel: 'warn',
    publicDir: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      reportCompressedSize: false,
      lib: {
        entry: join(here, `${name}.tsx`),
        formats: ['iife'],
        name: 'truehop',
        fileName: () => `${name}.js`,
        cssFileName: name,
      },
    },
  })
}
