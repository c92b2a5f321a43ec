import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  type IConfigFile,
} from '@microsoft/api-extractor'
import { manifestOf, root } from '../architecture/source-file.js'

/** Private to the workspace, and so part of the packages that use it. */
const BUNDLED = ['@truehop/options', '@truehop/redis']

interface Declared {
  /** `identity.adapter.d.ts` for `@truehop/identity/adapter`. */
  readonly file: string
  /** All declarations that a program can reach from the entry point, sorted, without comments. */
  readonly text: string
}

/** What each entry point of a package declares, from what the compiler wrote; by way of `scratch`. */
export function declarationsOf(name: string, scratch: string): Declared[] {
  const folder = join(root, 'packages', name)
  const entries = Object.entries(manifestOf(name).exports).flatMap(([path, entry]) =>
    typeof entry === 'string' ? [] : [{ path, types: join(folder, entry.types) }],
  )
  const configs = entries.map(({ path, types }) => ({
    file: fileOf(name, path),
    config: configOf(folder, types, fileOf(name, path), scratch),
  }))
  const [first] = configs
  if (first === undefined) return []
  const additionalEntryPoints = entries.map(({ types }) => types)
  const compilerState = CompilerState.create(first.config, { additionalEntryPoints })
  return configs.map(({ file, config }) => ({ file, text: extract(config, compilerState) }))
}

function fileOf(name: string, path: string): string {
  return `${name}${path.slice(1).replace('/', '.')}.d.ts`
}

function configOf(folder: string, types: string, file: string, scratch: string): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      bundledPackages: BUNDLED,
      compiler: { tsconfigFilePath: join(folder, 'tsconfig.json') },
      apiReport: {
        enabled: true,
        reportFileName: file,
        reportFolder: scratch,
        reportTempFolder: join(scratch, 'temp'),
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: SILENT,
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  })
}

type Messages = NonNullable<IConfigFile['messages']>

const NONE = { default: { logLevel: 'none' } } as NonNullable<Messages['extractorMessageReporting']>

const SILENT: Messages = {
  compilerMessageReporting: NONE,
  extractorMessageReporting: NONE,
  tsdocMessageReporting: NONE,
}

function extract(config: ExtractorConfig, compilerState: CompilerState): string {
  Extractor.invoke(config, {
    localBuild: true,
    compilerState,
    messageCallback(message) {
      message.handled = true
      if (message.logLevel === 'error') throw new Error(message.text)
    },
  })
  const [, code = ''] = readFileSync(config.reportFilePath, 'utf8').split(/^```.*$/m)
  return `${withoutComments(code)}\n`
}

const COMMENT = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g

/** The report has comments between the members of a union, and remarks of its own. */
function withoutComments(code: string): string {
  const bare = code.replace(COMMENT, (_, text: string | undefined) => text ?? '')
  const lines = bare.split('\n').map((line) => line.trimEnd())
  return lines
    .filter((line, at) => line !== '' || /^\w/.test(lines[at + 1] ?? ''))
    .join('\n')
    .trim()
}
