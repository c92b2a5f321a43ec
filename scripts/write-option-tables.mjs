/**
 * Writes the tables of options in the pages under docs/ from the descriptions that start-up reads,
 * each between two marks; what stands outside them is written by hand.
 *
 *   node scripts/write-option-tables.mjs           after a build
 *   node scripts/write-option-tables.mjs --check   exits 1 where a page is not up to date
 */
import './help.mjs'
import { readFileSync, writeFileSync } from 'node:fs'
import { CRAWLERS_OPTIONS } from '../packages/allowlist/dist/crawlers/options.js'
import { CROWDSEC_OPTIONS } from '../packages/allowlist/dist/crowdsec/options.js'
import { GEO_OPTIONS } from '../packages/allowlist/dist/geo/options.js'
import { ALLOWLIST_OPTIONS } from '../packages/allowlist/dist/read-options.js'
import { SHARED_ENTRIES_OPTIONS } from '../packages/allowlist/dist/shared/read-options.js'
import { EXPRESS_OPTIONS } from '../packages/express/dist/lines.js'
import {
  COMMON_FIELDS,
  PLATFORM_FIELDS,
  PROXY_FIELDS,
} from '../packages/identity/dist/policy/policy-fields.js'
import { RULE_FIELDS } from '../packages/identity/dist/policy/rule-fields.js'
import { RANGES_FIELDS } from '../packages/identity/dist/ranges/ranges-fields.js'
import { EDGE_OPTIONS } from '../packages/identity/dist/request/adapter-options.js'
import { INSPECTOR_OPTIONS } from '../packages/inspector/dist/read-options.js'
import { WITNESS_OPTIONS } from '../packages/log/dist/audit/checkpoints/checkpoint-options.js'
import { AUDIT_OPTIONS } from '../packages/log/dist/audit/read-audit-options.js'
import { SYSLOG_OPTIONS } from '../packages/log/dist/audit/sinks/syslog-options.js'
import {
  ACCESS_LOG_OPTIONS,
  EXPRESS_OPTIONS as EXPRESS_LOG_OPTIONS,
} from '../packages/log/dist/read-options.js'
import { optionTable } from '../packages/options/dist/index.js'
import { ACCEPT_FIELDS } from '../packages/proxy-protocol/dist/receive/accept-fields.js'
import { LIMITER_FIELDS } from '../packages/rate-limit/dist/limits/limiter-table.js'
import { LIMIT_FIELDS } from '../packages/rate-limit/dist/limits/option-table.js'
import { CLIENT_OPTIONS } from '../packages/testing/dist/client-options.js'

/**
 * Page under docs/, what the marks in it say, description.
 *
 * @type {[page: string, name: string, fields: Parameters<typeof optionTable>[0]][]}
 */
const TABLES = [
  ['allowlist.md', 'an allowlist', ALLOWLIST_OPTIONS],
  ['allowlist.md', 'shared entries', SHARED_ENTRIES_OPTIONS],
  ['allowlist.md', 'decisions of CrowdSec', CROWDSEC_OPTIONS],
  ['allowlist.md', 'openGeo', GEO_OPTIONS],
  ['allowlist.md', 'verifiedCrawlers', CRAWLERS_OPTIONS],
  ['inspector.md', 'the inspector', INSPECTOR_OPTIONS],
  ['logging.md', 'the access log', { ...ACCESS_LOG_OPTIONS, ...EXPRESS_LOG_OPTIONS }],
  ['logging.md', 'the audit trail', AUDIT_OPTIONS],
  ['logging.md', 'a witness', WITNESS_OPTIONS],
  ['logging.md', 'syslogSink', SYSLOG_OPTIONS],
  ['policy.md', 'a policy', withoutMembers(COMMON_FIELDS)],
  ['policy.md', 'a rule', RULE_FIELDS],
  ['policy.md', 'a platform', PLATFORM_FIELDS],
  ['policy.md', 'receiving', PROXY_FIELDS],
  ['policy.md', 'ranges', RANGES_FIELDS],
  ['proxy-protocol.md', 'acceptProxyProtocol', ACCEPT_FIELDS],
  ['policy.md', 'the framework edges', { ...EDGE_OPTIONS, ...EXPRESS_OPTIONS }],
  ['rate-limit.md', 'a limit', LIMIT_FIELDS],
  ['rate-limit.md', 'the limiter', LIMITER_FIELDS],
  ['testing-your-service.md', 'asClient', CLIENT_OPTIONS],
]

/** Where the members have a table of their own. */
function withoutMembers(fields) {
  return Object.fromEntries(
    Object.entries(fields).map(([key, option]) => [key, { ...option, fields: undefined }]),
  )
}

const DOCS = new URL('../docs/', import.meta.url)

/** @returns {string} */
function withTable(text, [page, name, fields]) {
  const [begin, end] = ['begin', 'end'].map((edge) => `<!-- options of ${name}: ${edge} -->`)
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`docs/${page} has no ${begin} … ${end}`)
  return `${before}${begin}\n${optionTable(fields, page)}\n${end}${after}`
}

const stale = [...new Set(TABLES.map(([page]) => page))].filter((page) => {
  const file = new URL(page, DOCS)
  const text = readFileSync(file, 'utf8')
  const next = TABLES.filter(([of]) => of === page).reduce(withTable, text)
  if (next === text) return false
  if (!process.argv.includes('--check')) writeFileSync(file, next)
  return true
})
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(
    `not up to date, run npm run tables: ${stale.map((page) => `docs/${page}`).join(', ')}`,
  )
  process.exitCode = 1
}
