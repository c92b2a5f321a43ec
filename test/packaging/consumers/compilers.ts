import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from '../command.js'
import { writeJson } from './project.js'

export interface Compilation {
  /** The package that has the compiler: of 5.9, or of 7. */
  readonly compiler: 'typescript' | 'typescript7'
  readonly type: 'commonjs' | 'module'
  readonly module: string
  readonly moduleResolution: string
  readonly exactOptionalPropertyTypes: boolean
}

type Resolution = readonly [Compilation['type'], module: string, moduleResolution: string]

const RESOLUTIONS: readonly Resolution[] = [
  ['commonjs', 'commonjs', 'node10'],
  ['commonjs', 'node16', 'node16'],
  ['commonjs', 'nodenext', 'nodenext'],
  ['module', 'node16', 'node16'],
  ['module', 'nodenext', 'nodenext'],
  ['module', 'esnext', 'bundler'],
]

/** Every compiler with every resolution that it has, loose and exact about optional properties. */
const ALL: readonly Compilation[] = (['typescript', 'typescript7'] as const).flatMap((compiler) =>
  RESOLUTIONS.filter(([, module]) => compiler === 'typescript' || module !== 'commonjs').flatMap(
    ([type, module, moduleResolution]) =>
      [true, false].map((exactOptionalPropertyTypes) => {
        return { compiler, type, module, moduleResolution, exactOptionalPropertyTypes }
      }),
  ),
)

/** 5.9 with the resolution that 7 lacks, and 7 with each other one, unless `TRUEHOP_CONSUMERS=all`: one takes 5 to 60 s. */
export const COMPILATIONS: readonly Compilation[] =
  process.env['TRUEHOP_CONSUMERS'] === 'all' ? ALL : ALL.filter(isInShortForm)

function isInShortForm(compilation: Compilation): boolean {
  const { compiler, module, type, exactOptionalPropertyTypes: exact } = compilation
  if (compiler === 'typescript') return exact && module === 'commonjs'
  return exact === (type === 'commonjs')
}

/** Compiles a program that uses every entry point, their declarations included; throws what the compiler says. */
export async function compile(
  project: string,
  compilation: Compilation,
  entryPoints: readonly string[],
): Promise<void> {
  const { compiler, type, module, moduleResolution, exactOptionalPropertyTypes } = compilation
  const folder = join(project, 'typed', [compiler, type, module].join('-'))
  await mkdir(folder, { recursive: true })
  await writeJson(join(folder, 'package.json'), { type })
  await writeFile(join(folder, 'program.ts'), program(entryPoints))
  const flags = [
    '--noEmit',
    '--strict',
    '--esModuleInterop',
    '--target',
    'es2022',
    '--types',
    'node',
  ]
  const chosen = ['--module', module, '--moduleResolution', moduleResolution]
  const exact = [
    '--skipLibCheck',
    'false',
    '--exactOptionalPropertyTypes',
    `${exactOptionalPropertyTypes}`,
  ]
  const tsc = join(project, 'node_modules', compiler, 'bin/tsc')
  await output(process.execPath, [tsc, ...flags, ...chosen, ...exact, 'program.ts'], folder)
}

const program = (entryPoints: readonly string[]): string => `
import express from 'express'
import { fastify } from 'fastify'
${entryPoints.map((entry, index) => `import * as _${index} from '${entry}'`).join('\n')}

export type All = [${entryPoints.map((_, index) => `typeof _${index}`).join(', ')}]

fastify().get('/', async (request): Promise<string> => request.clientIp)
express().get('/', (request, response) => {
  const text: string = request.clientIp
  response.send(text)
})
`
