import { readFileSync } from 'node:fs'
import { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { getClientIp as supercharged } from '@supercharge/request-ip'
import { definePolicy, resolve } from '@truehop/identity'
import proxyAddr from 'proxy-addr'
import { expect, test } from 'vitest'
import { code, section, tableIn } from './markdown.js'

const require = createRequire(import.meta.url)
const { getClientIp }: { getClientIp(request: unknown): string | null } = require('request-ip')
const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/comparison.md'), 'utf8')
const rows = tableIn(section(page, '## The same requests'))

const policy = definePolicy({
  hops: [{ from: ['10.0.0.0/8'], asserts: 'x-forwarded-for', required: true }],
})

/** What each column of the table answers. */
function answers(
  peer: string,
  headers: Readonly<Record<string, string>>,
): (string | null | undefined)[] {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: peer })
  const request = Object.assign(new IncomingMessage(socket), { headers })
  return [
    resolve(policy, { peer, headers }).ip,
    proxyAddr(request, ['10.0.0.0/8']),
    getClientIp(request),
    supercharged(request),
  ]
}

const headersIn = (cell: string): Record<string, string> => {
  if (cell === 'none') return {}
  const [name = '', value = ''] = code(cell).split(': ')
  return { [name]: value }
}

const answerIn = (cell: string): string | undefined =>
  cell === 'undetermined' ? undefined : code(cell)

test('the table has its rows and columns', () => {
  expect(rows.length).toBeGreaterThanOrEqual(9)
  expect(Object.keys(rows[0] ?? {})).toHaveLength(6)
})

test.each(rows.map((row) => Object.values(row)))('%s with %s is what each answers', (...cells) => {
  const [peer = '', header = '', ...expected] = cells
  expect(answers(code(peer), headersIn(header))).toEqual(expected.map(answerIn))
})

test.each([
  'proxy-addr',
  'request-ip',
  '@supercharge/request-ip',
  'proxy-protocol-js',
  'express-rate-limit',
  '@fastify/rate-limit',
])('%s is the version that the page names', (name) => {
  const { version } = JSON.parse(
    readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'),
  )
  const named = [...page.matchAll(new RegExp(`\`${name}\` (\\d+\\.\\d+\\.\\d+)`, 'g'))]
  expect(named.length).toBeGreaterThan(0)
  expect(named.map(([, found]) => found)).toEqual(named.map(() => version))
})
