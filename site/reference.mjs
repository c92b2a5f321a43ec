/**
 * Writes the reference: a page for each entry point of each published package, by TypeDoc, from the
 * declarations that the compiler wrote, which carry the docstrings.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, Converter } from 'typedoc'

const here = fileURLToPath(new URL('.', import.meta.url))
const packages = join(here, '../packages')
const out = join(here, 'reference')

/** What packages of this project share with each other only. */
const SHARED = ['@truehop/ip/internal']

const entries = readdirSync(packages).flatMap((name) => {
  const manifest = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))
  if (manifest.private) return []
  return Object.entries(manifest.exports)
    .filter(([, { types }]) => types !== undefined)
    .map(([path, { types }]) => ({
      specifier: `${manifest.name}${path.slice(1)}`,
      file: join(packages, name, types),
    }))
    .filter(({ specifier }) => !SHARED.includes(specifier))
})

/** By the name that TypeDoc makes of the file: `identity/dist/adapter`. */
const specifiers = new Map(
  entries.map(({ specifier, file }) => [
    relative(packages, file).replace(/(\/index)?\.d\.ts$/, ''),
    specifier,
  ]),
)

const app = await Application.bootstrapWithPlugins({
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: entries.map(({ file }) => file),
  tsconfig: join(here, 'reference.tsconfig.json'),
  out,
  readme: 'none',
  name: 'Reference',
  disableSources: true,
  excludeInternal: true,
  excludeExternals: true,
  skipErrorChecking: true,
  githubPages: false,
  logLevel: 'Warn',
  validation: false,
  // Options stand in the order in which they are declared.
  sort: ['source-order'],
  groupOrder: ['Functions', 'Variables', 'Classes', 'Interfaces', 'Type Aliases', '*'],
  ...{
    entryFileName: 'index',
    outputFileStrategy: 'modules',
    flattenOutputFiles: true,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    hideGroupHeadings: false,
    useCodeBlocks: true,
    expandParameters: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    propertyMembersFormat: 'table',
    typeDeclarationFormat: 'table',
    enumMembersFormat: 'table',
    sanitizeComments: true,
    pageTitleTemplates: { module: '{name}', index: '{projectName}' },
  },
})

// A module is known by what programs import, not by the file that declares it.
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project: { children = [] } }) => {
  for (const module of children) module.name = specifiers.get(module.name) ?? module.name
})

const project = await app.convert()
if (project === undefined) process.exit(1)
await app.generateOutputs(project)
for (const file of readdirSync(out)) {
  const text = readFileSync(join(out, file), 'utf8')
  rmSync(join(out, file))
  writeFileSync(join(out, file.replace('@truehop.', '')), text.replaceAll('](@truehop.', ']('))
}
if (app.logger.hasErrors()) process.exit(1)
