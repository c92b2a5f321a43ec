import { isAbsolute, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { version } from '../program/version.js'
import type { FileFinding } from './lint-file.js'

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const
const DOCS = 'https://github.com/truehop/truehop/blob/main/docs/errors.md'

/** Findings as a SARIF 2.1.0 (OASIS) log, one run, with what GitHub's code scanning needs. */
export function sarifLog(findings: readonly FileFinding[]): object {
  const codes = [...new Set(findings.map(({ code }) => code))]
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'truehop',
            version: version(),
            informationUri: 'https://github.com/truehop/truehop',
            rules: codes.map((code) => rule(code, findings)),
          },
        },
        results: findings.map((finding) => result(finding, codes)),
      },
    ],
  }
}

function rule(id: string, findings: readonly FileFinding[]) {
  const words = id.split('-')
  const helpUri = `${DOCS}#${id}`
  const message = findings.find(({ code }) => code === id)?.message ?? ''
  return {
    id,
    name: words.map(capitalised).join(''),
    shortDescription: { text: `${capitalised(words.join(' '))}.` },
    fullDescription: { text: literal(sentence(message)) },
    help: { text: `What it means and what to do: ${helpUri}` },
    helpUri,
  }
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

const sentence = (text: string): string => `${capitalised(text).replace(/\.$/, '')}.`

/**
 * Text that a SARIF reader takes literally: no placeholder (section 3.11.5), no embedded link
 * (3.11.6).
 */
const literal = (text: string): string => text.replace(/\](?=\()/g, '\\]').replace(/[{}]/g, '$&$&')

function result(finding: FileFinding, codes: string[]) {
  const { file, line, column, path, severity, code, message } = finding
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: LEVELS[severity],
    message: { text: literal(path === '' ? sentence(message) : `${path}: ${message}.`) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  }
}

/**
 * A relative reference, as code scanning resolves it from the folder it checked out (section
 * 3.4.4); for a file outside the working directory an absolute URI, as no reference may lead out of
 * that folder.
 */
function uriOf(file: string): string {
  const within = relative('', file)
  const parts = within.split(sep)
  if (parts[0] === '..' || isAbsolute(within)) return pathToFileURL(file).href
  return parts.map(encodeURIComponent).join('/')
}
