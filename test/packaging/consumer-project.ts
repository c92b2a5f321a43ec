import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { output, root } from './command.js'

/** What someone who uses the packages has beside them: the oldest that the packages allow. */
const FRAMEWORKS = {
  express: '5.0.0',
  express4: 'npm:express@4.21.0',
  fastify: '5.12.1',
}

/** And, to write TypeScript, the packages whose types stand in ours. */
const TYPES = {
  '@opentelemetry/api': '1.9.0',
  '@types/express': '^5.0.0',
  '@types/node': '^20.19.0',
}

/**
 * An empty project into which npm installs the tarballs, as a user would. The overrides make the
 * packages take each other from the tarballs too, not from a registry.
 */
export async function createProject(
  folder: string,
  tarballs: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(folder)
  const files = Object.entries(tarballs).map(([name, file]) => [name, `file:${file}`])
  const manifest = {
    name: 'consumer',
    private: true,
    dependencies: { ...Object.fromEntries(files), ...FRAMEWORKS, ...TYPES },
    overrides: Object.fromEntries(files),
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2))
  const programs = fileURLToPath(new URL('programs', import.meta.url))
  for (const file of await readdir(programs)) {
    await copyFile(join(programs, file), join(folder, file))
  }
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  await output('npm', ['install', ...quiet], folder)
}

export type Loading = 'import' | 'require'

export interface ProgramResults {
  /** The names that each entry point exports. */
  readonly exported: Readonly<Record<string, readonly string[]>>
  /** What each program gave. */
  readonly programs: Readonly<Record<string, unknown>>
}

/**
 * Compiles a program that uses the packages, their declarations included, as strictly as the
 * compiler can. Throws what the compiler says.
 */
export async function compileProgram(
  folder: string,
  entryPoints: readonly string[],
): Promise<void> {
  const imports = entryPoints.map((entry, index) => `import type * as _${index} from '${entry}'`)
  const all = entryPoints.map((_, index) => `typeof _${index}`)
  const program = [...imports, `export type All = [${all.join(', ')}]`, TYPED_PROGRAM]
  await writeFile(join(folder, 'program.mts'), program.join('\n'))
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext']
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  await output(process.execPath, [tsc, ...options, 'program.mts'], folder)
}

/** What the framework edges add to requests is known without a cast. */
const TYPED_PROGRAM = `
import express from 'express'
import { fastify } from 'fastify'

fastify().get('/', async (request): Promise<string> => request.clientIp)
express().get('/', (request, response) => {
  const text: string = request.clientIp
  response.send(text)
})
`

/** Runs all programs in one process of the given Node. */
export async function runPrograms(
  folder: string,
  node: string,
  loading: Loading,
  entryPoints: readonly string[],
): Promise<ProgramResults> {
  const file = loading === 'import' ? 'import.mjs' : 'require.cjs'
  return JSON.parse(await output(node, [file, ...entryPoints], folder))
}
