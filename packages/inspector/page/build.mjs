/**
 * Builds the page of the inspector into `dist/page`, from where the package takes it in, and the script of
 * the playground into `docs/playground/dist`. One classic script each, so that the playground
 * works when it is opened as a file.
 */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const page = join(here, '../dist/page')

await bundle('inspector', page)
await bundle('playground', join(here, '../../../docs/playground/dist'))
for (const file of ['index.html', 'icon.svg']) copyFileSync(join(here, file), join(page, file))
writeFileSync(join(page, 'files.js'), asModule(page))

/** The files as a module of text, which a bundler can put into one file with the rest. */
function asModule(folder) {
  const names = readdirSync(folder).filter((name) => /\.(html|js|css|svg)$/.test(name))
  const texts = Object.fromEntries(
    names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
  return `export const texts = ${JSON.stringify(texts)}\n`
}

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
