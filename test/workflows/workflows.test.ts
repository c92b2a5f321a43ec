import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../architecture/source-file.js'
import { NODE_VERSIONS } from '../packaging/node-versions.js'
import { commandsIn, commandsOf, files, jobsOf, readWorkflow, stepsOf } from './workflow.js'

interface RootManifest {
  readonly packageManager: string
  readonly scripts: Readonly<Record<string, string>>
}

const { scripts, packageManager }: RootManifest = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
)
const bins = readdirSync(join(root, 'node_modules/.bin'))

/** Why a command cannot run in a clone of this repository; undefined where nothing speaks against it. */
function obstacle(command: string): string | undefined {
  const [program, ...args] = command.split(/\s+/)
  const [first = ''] = args.filter((arg) => !arg.startsWith('-'))
  switch (program) {
    case 'npm':
      return obstacleOfScript(first === 'run' ? (args[1] ?? '') : first)
    case 'node':
      return args[0]?.startsWith('-') || existsSync(join(root, first)) ? undefined : 'no such file'
    case 'npx':
      return first.startsWith('pnpm@') ? obstacleOfPnpm(first) : obstacleOfTool(first)
    default:
      return undefined
  }
}

function obstacleOfScript(name: string): string | undefined {
  const script = scripts[name]
  if (script === undefined) return `no script is called ${name}`
  const within = commandsIn(script).map((command) => {
    const [program = ''] = command.split(' ')
    return bins.includes(program) ? undefined : obstacle(command)
  })
  return within.find((found) => found !== undefined)
}

const obstacleOfPnpm = (version: string): string | undefined =>
  version === packageManager ? undefined : `package.json names ${packageManager}`

const obstacleOfTool = (name: string): string | undefined =>
  bins.includes(name) ? undefined : `${name} is not installed`

/** The lines of Node in the table of the page. */
function supportedLines(): string[] {
  const page = readFileSync(join(root, 'docs/support.md'), 'utf8')
  const row = /^\| Node \|.*: ([\d, ]+) \|$/m.exec(page)?.[1] ?? ''
  return row.split(', ')
}

describe.each(files)('.github/workflows/%s', (file) => {
  const { workflow, faults } = readWorkflow(file)

  test('is YAML with a name, events and jobs', () => {
    expect(faults).toEqual([])
    expect(`${workflow.name}.yml`).toBe(file)
    expect(Object.keys(workflow.on ?? {})).not.toEqual([])
    expect(jobsOf(file).every(({ steps }) => steps.length > 0)).toBe(true)
  })

  test('may read the contents alone, unless a job says otherwise', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
  })

  test('runs what a clone has', () => {
    const obstacles = commandsOf(file).map((command) => [command, obstacle(command)])
    expect(obstacles.filter(([, found]) => found !== undefined)).toEqual([])
  })

  test('names a version of each action, a commit where the action is not GitHub’s', () => {
    const used = stepsOf(file).flatMap(({ uses }) => uses ?? [])
    const pinned = /^(actions|github)\/[\w/-]+@v\d+$|^[\w-]+\/[\w-]+@[0-9a-f]{40}$/
    expect(used.filter((action) => !pinned.test(action))).toEqual([])
  })

  test('keeps no credentials in the clone where it only reads', () => {
    const kept = jobsOf(file)
      .filter(({ permissions = workflow.permissions }) => permissions['contents'] === 'read')
      .flatMap(({ steps }) => steps)
      .filter(({ uses }) => uses?.startsWith('actions/checkout@'))
      .filter((step) => step.with?.['persist-credentials'] !== false)
    expect(kept).toEqual([])
  })

  test('sets up Node versions that are supported', () => {
    const versions = stepsOf(file).flatMap((step) => step.with?.['node-version'] ?? [])
    const fixed = versions.map(String).filter((version) => !version.includes('matrix.node'))
    expect(fixed.filter((version) => !supportedLines().includes(version))).toEqual([])
  })
})

test('the suites run on every Node that is supported, and on both processors', () => {
  const [job] = jobsOf('test.yml')
  expect(job?.strategy?.matrix['node']?.map(String)).toEqual(supportedLines())
  expect(job?.strategy?.matrix['os']).toEqual(['ubuntu-24.04', 'ubuntu-24.04-arm'])
  expect(NODE_VERSIONS.map((version) => version.split('.')[0])).toEqual(supportedLines())
})

test('an obstacle is found', () => {
  expect(obstacle('npm run no-such-script')).toBe('no script is called no-such-script')
  expect(obstacle('node scripts/no-such-file.mjs')).toBe('no such file')
  expect(obstacle('npx --yes pnpm@1.0.0 install')).toBe(`package.json names ${packageManager}`)
  expect(obstacle('npx no-such-tool')).toBe('no-such-tool is not installed')
})

test('every script of package.json names what exists', () => {
  const obstacles = Object.keys(scripts).map((name) => [name, obstacleOfScript(name)])
  expect(obstacles.filter(([, found]) => found !== undefined)).toEqual([])
})

test('every script of package.json that is one of ours says what it does, and does nothing, at --help', () => {
  const ours = Object.values(scripts)
    .flatMap((script) => script.match(/\bscripts\/[\w-]+\.mjs/g) ?? [])
    .filter((path, index, all) => all.indexOf(path) === index)
  expect(ours.length).toBeGreaterThan(10)
  for (const path of ours) {
    const text = readFileSync(join(root, path), 'utf8')
    // Before what it needs is loaded: that may not be built yet.
    expect(text.match(/^import .*/m)?.[0], path).toBe("import './help.mjs'")
  }
  const helped = execFileSync(process.execPath, ['scripts/pack.mjs', '--help'], {
    ...{ cwd: root, encoding: 'utf8' },
  })
  expect(helped).toMatch(
    /^`npm run pack`: makes the tarballs .*\n.*commands .*no registry has\.\n$/,
  )
})
