/**
 * Writes what the guides under docs/guides say from the policy in each: the configuration of the hop in
 * front, as `truehop pair` prints it, and the answers of `truehop explain --questions`. What stands
 * outside the marks is written by hand.
 *
 *   node scripts/write-guides.mjs           after a build
 *   node scripts/write-guides.mjs --check   exits 1 where a guide is not up to date
 */
import './help.mjs'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { run } from '../packages/cli/dist/index.js'

const FOLDER = new URL('../docs/guides/', import.meta.url)
const BLOCK = /<!-- (pair [a-z-]+|questions): begin -->\n[\s\S]*?<!-- (?:pair|questions): end -->/g
const POLICY = /^```json\n(\{[\s\S]*?\n\})\n```$/m
/** What the text is, for readers that colour it. */
const LANGUAGES = { haproxy: 'haproxy', nginx: 'nginx', aws: 'sh' }

const folder = mkdtempSync(join(tmpdir(), 'truehop-guides-'))
const wrong = []
try {
  for (const name of readdirSync(FOLDER)) {
    const path = new URL(name, FOLDER)
    const text = readFileSync(path, 'utf8')
    const written = await guide(name, text)
    if (written === text) continue
    wrong.push(name)
    if (!process.argv.includes('--check')) writeFileSync(path, written)
  }
} finally {
  rmSync(folder, { recursive: true })
}
if (process.argv.includes('--check') && wrong.length > 0) {
  console.error(`not up to date: ${wrong.join(', ')}; run pnpm guides`)
  process.exitCode = 1
}

async function guide(name, text) {
  const policy = POLICY.exec(text)?.[1]
  if (policy === undefined) {
    if (name === 'README.md') return text
    throw new Error(`docs/guides/${name} has no policy`)
  }
  const file = join(folder, 'policy.json')
  writeFileSync(file, policy)
  let written = text
  for (const [block, what] of text.matchAll(BLOCK)) {
    const [kind, target] = what.split(' ')
    const inside = kind === 'pair' ? await pairOf(file, target) : await questionsOf(file)
    const whole = `<!-- ${what}: begin -->\n${inside}\n<!-- ${kind}: end -->`
    written = written.replace(block, () => whole)
  }
  return written
}

async function pairOf(file, target) {
  const args = ['pair', '--policy', file, '--target', target, '--upstream', '10.0.1.7:3000']
  const { stdout, stderr } = await truehop(args)
  const notes = stderr.split('\n').filter((line) => line.startsWith('- '))
  const text = fenced(LANGUAGES[target] ?? 'yaml', stdout)
  return notes.length === 0 ? text : `${text}\n\n${notes.map(wrapped).join('\n')}`
}

async function questionsOf(file) {
  return fenced('text', (await truehop(['explain', '--policy', file, '--questions'])).stdout)
}

/** In this process: a new one for each command costs more than the command. */
async function truehop(args) {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const texts = Promise.all([textOf(out), textOf(err)])
  const code = await run(args, {
    stdin: Readable.from([]),
    stdout: out,
    stderr: err,
    environment: {},
    signal: new AbortController().signal,
  })
  out.end()
  err.end()
  const [stdout, stderr] = await texts
  if (code !== 0) throw new Error(`truehop ${args.join(' ')}\n${stderr}`)
  return { stdout, stderr }
}

async function textOf(stream) {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}

function fenced(language, text) {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
}

/** At most 110 columns, as the pages have them. */
function wrapped(line) {
  const lines = ['']
  for (const word of line.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + word.length > 108) lines.push(`  ${word}`)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.join('\n')
}
