import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { platforms } from '@truehop/identity'
import { Option } from 'commander'
import { withQuestions } from '../init/ask.js'
import {
  FRAMEWORKS,
  type Framework,
  NOTHING,
  neededFrom,
  platformNamed,
  projectFiles,
  type Surroundings,
} from '../init/project.js'
import { printable } from '../output/printable.js'
import { print, printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { repeatable } from '../program/option-values.js'
import { knownPlatform, platformOption } from '../program/platform-option.js'
import { messageOf, UsageError } from '../program/usage-error.js'
import { writeNewFile } from '../program/written-file.js'

interface Options {
  readonly platform?: string
  readonly from: readonly string[]
  readonly header?: string
  readonly framework?: Framework
  readonly force?: true
  readonly json?: true
}

const PAGES = 'https://github.com/truehop/truehop/blob/main/docs/platforms'

const IDS = [...platforms.map(({ id }) => id), NOTHING]

/** `truehop init` */
export const init: AddCommand = (program, run) => {
  const command = program
    .command('init')
    .description(
      'Write a policy file and a small service that uses it. Asks what is in front and where that runs, unless options say so.',
    )
    .argument('[folder]', 'where to write', '.')
    .addOption(platformOption('--platform <id>', 'what is in front', IDS))
    .addOption(
      repeatable(
        '--from <prefix>',
        'an address or prefix of what is in front',
        (text, all: readonly string[]) => [...all, text],
      ),
    )
    .option('--header <name>', "which of the platform's headers to believe, if there is a choice")
    .addOption(
      new Option('--framework <name>', 'the framework; by default the one in package.json').choices(
        FRAMEWORKS,
      ),
    )
    .option('--force', 'replace existing files')
    .option('--json', 'the result as JSON')
    .action(async (folder: string, options: Options) => {
      const surroundings = await answered(folder, options, run.terminal)
      const files = written(folder, surroundings, options.force === true)
      report(files, surroundings, options, run.terminal)
    })
  withExamples(command, [
    { line: 'truehop init', does: 'two questions, two files' },
    {
      line: 'truehop init --platform nginx --from loopback --framework express',
      does: 'without questions',
    },
    {
      line: 'truehop init --platform none --framework fastify service',
      does: 'for clients that connect directly, in the folder service',
    },
  ])
}

function answered(folder: string, options: Options, terminal: Terminal): Promise<Surroundings> {
  return withQuestions(terminal, async (ask) => {
    const platform =
      options.platform ??
      (await ask(`What is in front of the service? One of ${IDS.join(', ')}`, '--platform ID'))
    requireKnown(platform)
    const needed = options.from.length > 0 ? undefined : neededFrom(platform)
    const from =
      needed === undefined
        ? options.from
        : (await ask(`Where does it run? Name ${needed}`, '--from PREFIX'))
            .split(/[\s,]+/)
            .filter((entry) => entry !== '')
    const framework = options.framework ?? frameworkIn(folder)
    return { platform, from, header: options.header, framework }
  })
}

/** @throws {UsageError} for an answer that names none. */
function requireKnown(platform: string): void {
  try {
    knownPlatform(platform, IDS)
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

/** @throws {UsageError} if the manifest names none of the frameworks, or both. */
function frameworkIn(folder: string): Framework {
  const file = join(folder, 'package.json')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '{}'
  const named = FRAMEWORKS.filter((name) => new RegExp(`"${name}"\\s*:`).test(text))
  const [framework] = named
  if (framework !== undefined && named.length === 1) return framework
  const why = named.length > 1 ? 'names both' : 'names neither fastify nor express'
  throw new UsageError(`package.json ${why}; write --framework fastify or --framework express`)
}

/** Nothing is written if one of them already exists. */
function written(folder: string, surroundings: Surroundings, force: boolean): string[] {
  const files = projectFiles(surroundings).map(({ name, text }) => ({
    path: join(folder, name),
    text,
  }))
  const there = files.find(({ path }) => !force && existsSync(path))
  if (there !== undefined) {
    throw new UsageError(`${there.path} already exists; write --force to replace it`)
  }
  makeFolder(folder)
  for (const { path, text } of files) writeNewFile(path, text, force)
  return files.map(({ path }) => path)
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new UsageError(`${folder} cannot be created: ${messageOf(error)}`)
  }
}

function report(
  files: readonly string[],
  { platform, framework }: Surroundings,
  { json }: Options,
  terminal: Terminal,
): void {
  const install = `npm install ${framework} @truehop/${framework} @truehop/identity`
  const known = platformNamed(platform)
  const closes = known?.closesDirectAccess
  if (json === true) {
    printJson(terminal, { files, platform, framework, install, closesDirectAccess: closes })
    return
  }
  for (const file of files) print(terminal, `wrote ${printable(file)}`)
  print(terminal, `\n${install}`)
  print(terminal, 'node server.mjs, then request /whoami through what is in front')
  if (known === undefined) return
  print(terminal, `\nHow to keep clients from bypassing ${known.name}: ${closes}`)
  print(terminal, `What a client can still influence: ${known.clientCanInfluence}`)
  print(terminal, `More: ${PAGES}/${known.id}.md`)
}
