/**
 * Install and build, for `npm test` and `npm start`: what a fresh clone with only Node and npm needs.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))
const windows = process.platform === 'win32'

/** Prints the name of the step, runs it without standard input, and ends the process when it fails. */
export function step(title, command, args, options = {}) {
  console.log(`\n▸ ${title}`)
  const status = run(command, args, options)
  if (status !== 0) {
    console.error(`\n${title}: failed (exit code ${status})`)
    process.exit(status)
  }
}

/** Runs a command at the top of the workspace and returns its exit code. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
  })
  if (result.error) console.error(`${command}: ${result.error.message}`)
  return result.status ?? 1
}

/**
 * The command line that runs an installed tool with this very Node, e.g. `tool('typescript', 'tsc')`.
 *
 * @returns {[node: string, script: string]}
 */
export function tool(packageName, binary = packageName) {
  const { bin } = readJson(`node_modules/${packageName}/package.json`)
  const path = typeof bin === 'string' ? bin : bin[binary]
  return [process.execPath, join(root, 'node_modules', packageName, path)]
}

/** Like `step`, for an installed tool. */
export function toolStep(title, [command, script], args) {
  step(title, command, [script, ...args])
}

/**
 * Starts steps of installed tools at once; none alone keeps two cores busy. The function that comes
 * back waits for them: it prints what each said, in the order of the list, and ends the process when
 * one has failed.
 *
 * @param {readonly [title: string, command: [string, string], args: readonly string[]][]} steps
 */
export function startToolSteps(steps) {
  const running = steps.map(async ([title, [command, script], args]) => {
    const child = spawn(command, [script, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    /** @type {Buffer[]} */
    const printed = []
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => printed.push(chunk))
    }
    const [status] = await once(child, 'close')
    return { title, status: status ?? 1, printed: Buffer.concat(printed) }
  })
  return async () => {
    const ended = await Promise.all(running)
    for (const { title, printed } of ended) process.stdout.write(`\n▸ ${title}\n${printed}`)
    const failed = ended.find(({ status }) => status !== 0)
    if (failed === undefined) return
    console.error(`\n${failed.title}: failed (exit code ${failed.status})`)
    process.exit(failed.status)
  }
}

/**
 * Installs exactly what the lock file names, with the pnpm that package.json names, then compiles
 * and builds the pages.
 */
export function prepare() {
  requireNode()
  const [pnpm] = readJson('package.json').packageManager.split('+')
  const install = [
    '--yes',
    pnpm,
    'install',
    '--frozen-lockfile',
    '--config.confirmModulesPurge=false',
  ]
  step('install', 'npx', install, { shell: windows })
  toolStep('build', tool('typescript', 'tsc'), ['-b'])
  step('build the inspector page', process.execPath, ['packages/inspector/page/build.mjs'])
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`truehop needs Node 20.19 or later; this is ${process.version}`)
  process.exit(1)
}
