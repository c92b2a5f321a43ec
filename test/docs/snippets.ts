import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { commonJsOf } from '../../site/markdown/common-js.js'
import { type CodeBlock, root } from './code-blocks.js'

const run = promisify(execFile)

/** Names a page may use without an import differ by the framework it shows. */
export type Reader = 'fastify' | 'express'

/** Express where the block imports one of its middleware or uses what only its `app` has. */
export function readerOf({ text }: CodeBlock): Reader {
  const express =
    /from '(@truehop\/[\w-]+\/)?express'|@truehop\/express|express\(|\b(app|identity)\.(use|set|attach)\(|^rateLimit\(/m
  return express.test(text) ? 'express' : 'fastify'
}

/** The file of a block: its page and line. */
export const fileOf = ({ page, line, language }: CodeBlock): string =>
  `${page}.${line}.${language === 'cjs' ? 'cjs' : 'ts'}`

/** The CommonJS forms that the site shows of those blocks that have one. */
export function commonJsBlocks(blocks: readonly CodeBlock[]): CodeBlock[] {
  return blocks.flatMap((block) => {
    const text = block.language === 'js' ? commonJsOf(block.text) : undefined
    return text === undefined ? [] : [{ ...block, language: 'cjs', text }]
  })
}

/**
 * Writes blocks into a folder as modules, on the lines that they have in their pages, compiles them
 * and what their reader has at hand, and returns what the compiler says.
 */
export async function compile(
  blocks: readonly CodeBlock[],
  reader: Reader,
  folder: string,
): Promise<string[]> {
  for (const block of blocks) {
    const file = join(folder, fileOf(block))
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, `${'\n'.repeat(block.line - 1)}${portable(block.text)}\nexport {}\n`)
  }
  writeFileSync(join(folder, 'globals.d.ts'), await globalsOf(reader, folder))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify(configuration(blocks, reader, folder)),
  )
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  try {
    await run(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: folder })
    return []
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string }
    return stdout.split('\n').filter((line) => line !== '')
  }
}

/** Declares what the reader has at hand for every block: its own names go before these. */
async function globalsOf(reader: Reader, folder: string): Promise<string> {
  const { atHand } = await import(`./reader/${reader}.ts`)
  const tests = join(relative(folder, root), 'test')
  return [
    `type AtHand = ReturnType<typeof import('${tests}/docs/reader/${reader}.js').atHand>`,
    ...Object.keys(atHand()).map((name) => `declare const ${name}: AtHand['${name}']`),
    ...[
      ['describeWithPeers', 'peer'],
      ['stopAfterAll', 'service'],
    ].map(
      ([name, file]) =>
        `declare const ${name}: typeof import('${tests}/peers/harness/${file}.js').${name}`,
    ),
    // What the service's own middleware has put on the request.
    'declare namespace Express { interface Request { account?: { id: string; isPaying: boolean }; tokensUsed: number } }',
    `declare const store: import('@truehop/rate-limit').Store`,
    '',
  ].join('\n')
}

/** A port that somebody may have becomes any that is free. */
const portable = (text: string): string => text.replaceAll(/\b3000\b/g, '0')

function configuration(blocks: readonly CodeBlock[], reader: Reader, folder: string): object {
  const there = (path: string) => join(relative(folder, root), path)
  const here = (path: string) => there(`test/docs/reader/${path}`)
  return {
    extends: there('tsconfig.base.json'),
    compilerOptions: {
      rootDir: relative(folder, root),
      outDir: 'out',
      composite: false,
      declaration: false,
      sourceMap: false,
      experimentalDecorators: true,
      noEmitOnError: false,
      // Packages that the examples do without.
      paths: {
        'fastify-plugin': [there('packages/log/node_modules/fastify-plugin/types/index.d.ts')],
        morgan: [there('packages/log/node_modules/@types/morgan/index.d.ts')],
        supertest: [there('packages/testing/node_modules/@types/supertest/index.d.ts')],
        'pino-http': [there('packages/log/node_modules/pino-http/index.d.ts')],
      },
      // A page shows one thing at a time.
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    files: [here(`${reader}.ts`), here('run.ts'), 'globals.d.ts', ...blocks.map(fileOf)],
  }
}

/** Runs the compiled blocks one after another, and returns what failed by file. */
export async function runAll(
  blocks: readonly CodeBlock[],
  reader: Reader,
  folder: string,
): Promise<string[]> {
  const out = join(folder, 'out')
  const compiled = (path: string) => join(out, path.replace(/\.ts$/, '.js'))
  const results = join(folder, 'results.json')
  const files = blocks.map((block) => compiled(join(relative(root, folder), fileOf(block))))
  for (const [index, { language, text }] of blocks.entries()) {
    const file = files[index]
    if (language !== 'cjs' || file === undefined) continue
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, portable(text))
  }
  const program = [compiled('test/docs/reader/run.ts'), results]
  const context = compiled(`test/docs/reader/${reader}.ts`)
  let ended = ''
  try {
    await run(process.execPath, [...program, context, ...files], { cwd: folder, timeout: 60_000 })
  } catch (error) {
    ended = String(error)
  }
  const { running, failed } = JSON.parse(readFileSync(results, 'utf8'))
  const lines = failed.map(
    ({ file, error }: { file: string; error: string }) => `${relative(out, file)}: ${error}`,
  )
  return running === '' ? lines : [...lines, `${relative(out, running)} did not end: ${ended}`]
}
