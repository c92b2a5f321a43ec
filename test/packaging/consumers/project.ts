import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { output } from '../command.js'

export type Tarballs = Readonly<Record<string, string>>

const FILES = fileURLToPath(new URL('files', import.meta.url))

/** What people load, test, compile and bundle services with. */
const TOOLS = {
  '@opentelemetry/api': '1.9.0',
  '@types/express': '5.0.6',
  '@types/node': '22.19.0',
  bun: '1.4.5',
  deno: '2.9.6',
  esbuild: '0.28.2',
  express: '5.2.0',
  'express-session': '1.19.0',
  express4: 'npm:express@4.22.3',
  fastify: '5.12.8',
  jest: '30.5.2',
  rolldown: '1.3.3',
  supertest: '7.3.2',
  'ts-node': '10.9.2',
  tsx: '4.23.15',
  typescript: '5.9.3',
  typescript7: 'npm:typescript@7.0.2',
  vitest: '5.1.2',
  webpack: '5.113.0',
}

/** A project of npm with everything that the packages are tried with. */
export async function createToolProject(folder: string, tarballs: Tarballs): Promise<void> {
  await copyFiles(folder)
  const files = fileSpecifiers(tarballs)
  await writeJson(join(folder, 'package.json'), {
    private: true,
    dependencies: { ...files, ...TOOLS },
    overrides: files,
  })
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  await output('npm', ['install', ...quiet], folder)
}

/** A project of pnpm in which only what the manifest names can be loaded. */
export async function createIsolatedProject(folder: string, tarballs: Tarballs): Promise<void> {
  await copyFiles(folder)
  await writeJson(join(folder, 'package.json'), onePackage(tarballs))
  const overrides = Object.entries(fileSpecifiers(tarballs))
  const lines = overrides.map(([name, file]) => `  "${name}": "${file}"`)
  await writeFile(join(folder, 'pnpm-workspace.yaml'), `overrides:\n${lines.join('\n')}\n`)
  await output('npx', ['--yes', 'pnpm@12.21.0', 'install'], folder)
}

/** A project of yarn without a `node_modules` folder. */
export async function createPlugAndPlayProject(folder: string, tarballs: Tarballs): Promise<void> {
  await copyFiles(folder)
  const resolutions = fileSpecifiers(tarballs)
  await writeJson(join(folder, 'package.json'), { ...onePackage(tarballs), resolutions })
  await writeFile(join(folder, '.yarnrc.yml'), YARN_SETTINGS)
  await yarn(folder, 'install')
}

/** In CI, yarn takes only what a lockfile names, unless told. */
const YARN_SETTINGS = 'nodeLinker: pnp\nenableTelemetry: false\nenableImmutableInstalls: false\n'

export const yarn = (folder: string, ...args: readonly string[]): Promise<string> =>
  output('npx', ['--yes', '--package', '@yarnpkg/cli-dist@4.18.1', 'yarn', ...args], folder)

const onePackage = (tarballs: Tarballs) => ({
  private: true,
  dependencies: {
    '@truehop/fastify': `file:${tarballs['@truehop/fastify'] ?? ''}`,
    fastify: TOOLS.fastify,
  },
})

const fileSpecifiers = (tarballs: Tarballs): Record<string, string> =>
  Object.fromEntries(Object.entries(tarballs).map(([name, file]) => [name, `file:${file}`]))

async function copyFiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await cp(FILES, folder, { recursive: true })
}

export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFile(path, JSON.stringify(value, undefined, 2))
