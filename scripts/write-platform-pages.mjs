/**
 * Writes what the pages under docs/platforms say from the data, between two marks in each page;
 * what stands outside them is written by hand. Also writes the table of platforms of their index.
 *
 *   node scripts/write-platform-pages.mjs           after a build
 *   node scripts/write-platform-pages.mjs --check   exits 1 where a page is not up to date
 */
import './help.mjs'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { platforms } from '../packages/identity/dist/platforms/platforms.js'

const FOLDER = new URL('../docs/platforms/', import.meta.url)
const BEGIN = '<!-- from the data: begin -->'
const END = '<!-- from the data: end -->'

/** `<client>` would be taken for HTML, and not be shown. */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '\\<')
const code = (text) => `\`${text}\``

/** Where editors find the schema, with the package installed or not. */
const SCHEMA = 'https://unpkg.com/@truehop/identity/policy.schema.json'

function optionsOf({ id, parameters }) {
  const from = parameters.some(({ name, required }) => name === 'from' && required)
  return { platform: id, ...(from ? { from: ['10.0.0.0/16'] } : {}) }
}

function fileOf(platform) {
  const members = Object.entries({ $schema: SCHEMA, ...optionsOf(platform) })
  const lines = members.map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`)
  return ['{', ...lines.join(',\n').split('\n'), '}']
}

function policyOf(platform) {
  const { platform: id, from } = optionsOf(platform)
  return from === undefined
    ? `{ platform: '${id}' }`
    : `{ platform: '${id}', from: ['${from.join("', '")}'] }`
}

function rulesOf({ rules, peers }) {
  return Object.entries(rules).flatMap(([header, list]) =>
    list.map(({ from = peers, asserts, depth, required, original }) => {
      const details = [
        depth === undefined ? '' : `depth ${depth}`,
        required === true ? 'required' : '',
        original.length === 0 ? '' : `may say ${original.join(', ')}`,
      ]
      return `| ${code(header)} | ${cell(shown(from))} | ${code(asserts)} | ${details.filter(Boolean).join('; ')} |`
    }),
  )
}

function shown(from) {
  if (from.length === 0) return 'what you name in `from`'
  if (from.length <= 6) return from.map(code).join(', ')
  return `${from.slice(0, 3).map(code).join(', ')} and ${from.length - 3} more`
}

function expansionOf(platform) {
  const rules = rulesOf(platform)
  if (rules.length === 0) return ['It expands to no rule: the peer of a connection is the client.']
  return [
    Object.keys(platform.rules).length === 1
      ? 'It expands to these rules, in this order:'
      : 'It expands to the rules of one `header`: the first, unless `header` names another.',
    '',
    '| `header` | from | asserts | |',
    '| --- | --- | --- | --- |',
    ...rules,
  ]
}

/** What the index says of who names the client. */
function namedBy(platform) {
  if (rulesOf(platform).length === 0) return 'its own connection'
  const headers = Object.keys(platform.rules)
  return headers[0] === 'nothing' ? 'nobody: the address is lost' : headers.map(code).join(' or ')
}

export function blockOf(platform) {
  const { peer, writes, scheme, clientCanInfluence, closesDirectAccess, healthChecks } = platform
  const { proxyProtocol, parameters, ranges, sources, retired } = platform
  return [
    BEGIN,
    ...(retired === undefined
      ? []
      : [`**Retired since ${retired}.** No longer maintained: plan to leave it.`, '']),
    '```js',
    "import { definePolicy } from '@truehop/identity'",
    '',
    `const policy = definePolicy(${policyOf(platform)})`,
    '```',
    '',
    'The same as a [policy file](../policy.md#files-and-the-environment):',
    '',
    '```json',
    ...fileOf(platform),
    '```',
    '',
    ...expansionOf(platform),
    '',
    ...(parameters.length === 0
      ? []
      : [
          '| parameter | | |',
          '| --- | --- | --- |',
          ...parameters.map(
            ({ name, required, says }) =>
              `| ${code(name)} | ${required ? 'required' : 'optional'} | ${cell(says)} |`,
          ),
          '',
        ]),
    '| | |',
    '| --- | --- |',
    `| the peer | ${cell(peer)} |`,
    `| scheme and host | ${cell(scheme)} |`,
    `| a client can influence | ${cell(clientCanInfluence)} |`,
    `| what prevents direct access | ${cell(closesDirectAccess)} |`,
    `| PROXY protocol | ${cell(proxyProtocol)} |`,
    `| health checks | ${cell(healthChecks)} |`,
    ...(ranges === undefined
      ? []
      : [
          `| ranges | ${ranges.source}${ranges.date === undefined ? '' : `, copy of ${ranges.date}`} |`,
        ]),
    '',
    ...(writes.length === 0
      ? []
      : [
          '| header | what the platform does with it | form | |',
          '| --- | --- | --- | --- |',
          ...writes.map(
            ({ name, mode, form, note }) =>
              `| ${code(name)} | ${cell(mode)} | ${cell(form)} | ${cell(note)} |`,
          ),
          '',
        ]),
    'Sources:',
    '',
    ...sources.map(({ what, confidence, read }) => `- ${what} (${confidence}; read ${read})`),
    END,
  ].join('\n')
}

function indexBlock() {
  return [
    BEGIN,
    '| platform | write | the client is named by |',
    '| --- | --- | --- |',
    ...platforms.map(
      (platform) =>
        `| [${platform.name}](${platform.id}.md) | ${code(policyOf(platform))} | ${namedBy(platform)} |`,
    ),
    END,
  ].join('\n')
}

function withBlock(text, block) {
  const [before, rest] = text.split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error(`a page has no ${BEGIN} … ${END}`)
  return `${before}${block}${after}`
}

const pages = [
  ['README', indexBlock()],
  ...platforms.map((platform) => [platform.id, blockOf(platform)]),
]
const stale = pages.filter(([name, block]) => {
  const file = new URL(`${name}.md`, FOLDER)
  if (!existsSync(file))
    throw new Error(`docs/platforms/${name}.md is missing: write it by hand first`)
  const text = readFileSync(file, 'utf8')
  const next = withBlock(text, block)
  if (next === text) return false
  if (!process.argv.includes('--check')) writeFileSync(file, next)
  return true
})
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`not up to date: ${stale.map(([name]) => `docs/platforms/${name}.md`).join(', ')}`)
  process.exitCode = 1
}
