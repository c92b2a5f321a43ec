import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { truehop } from '../../../packages/cli/test/command-line.js'
import { codeBlocksOf } from '../../docs/code-blocks.js'
import { curl } from '../../peers/harness/curl.js'
import { describeWithPeers } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'
import { stopAfterAll } from '../../peers/harness/service.js'
import { RunningProgram } from '../running/running-program.js'
import { filesOf, programFolder, startPageProgram, withReplaced } from './page-files.js'

const PAGE = 'docs/ways/operator.md'
const files = filesOf(PAGE)
const blocks = codeBlocksOf(PAGE)
const [policy = '', records = ''] = blocks
  .filter(({ language }) => language === 'json')
  .map(({ text }) => text)

/** What the page shows that is typed, and what is printed then. */
const commands = blocks
  .filter(({ language }) => language === 'console')
  .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
  .map((session) => {
    const [command = '', ...printed] = session.trimEnd().split('\n')
    return { command, printed: printed.join('\n') }
  })

const folder = programFolder()

beforeAll(() => {
  writeFileSync(join(folder, 'truehop.policy.json'), policy)
  writeFileSync(
    join(folder, 'next.policy.json'),
    policy.replace('"10.0.1.7"', '"10.0.1.7", "10.0.1.8"'),
  )
  writeFileSync(join(folder, 'access.jsonl'), `${records}\n`)
  writeFileSync(join(folder, 'nginx.conf'), files['nginx.conf'] ?? '')
})

describe('what the page of operators shows on the command line', () => {
  test('is all there', () => {
    expect(commands.map(({ command }) => command.split(' ')[1])).toEqual([
      ...['lint', 'explain', 'explain', 'pair', 'explain'],
    ])
  })

  test.each(commands)('$command', async ({ command, printed }) => {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) =>
      quoted === undefined ? inFolder(bare ?? '') : quoted,
    )
    const { out } = await truehop(words.slice(1))
    expect(out.replaceAll(`${folder}/`, '').trimEnd()).toBe(printed)
  })
})

const inFolder = (word: string): string =>
  /\.(jsonl?|conf)$/.test(word) ? join(folder, word) : word

describeWithPeers(['curl'], 'the service of the page', () => {
  const keep = stopAfterAll()
  let url: string

  beforeAll(async () => {
    const port = await freePort()
    const path = join(folder, 'here.policy.json')
    writeFileSync(path, withReplaced(policy, [['10.0.1.7', '127.0.0.1']]))
    const text = withReplaced(files['service.mjs'] ?? '', [['3000', port]])
    const env = { TRUEHOP_POLICY: path }
    keep(await startPageProgram(join(folder, 'service.mjs'), text, port, env))
    url = `http://127.0.0.1:${port}`
  })

  test('takes its policy from the file', async () => {
    const headers = ['X-Forwarded-For: 192.0.2.66, 198.51.100.7']
    expect(JSON.parse((await curl(url, { headers })).body)).toEqual({ client: '198.51.100.7' })
    const stranger = await curl(url, { headers, from: '127.0.0.9' })
    expect(JSON.parse(stranger.body)).toEqual({ client: '127.0.0.9' })
  })

  test('shows the inspector to the operator, and to nobody else', async () => {
    const page = `${url}/_truehop/`
    const operator = await curl(page, { headers: ['X-Forwarded-For: 192.0.2.10'] })
    expect(operator).toMatchObject({ status: 200, body: expect.stringContaining('<html') })
    const other = await curl(page, { headers: ['X-Forwarded-For: 192.0.2.11'] })
    expect(other.status).toBe(403)
  })

  test('reads the file again at SIGHUP, and keeps the policy before where it is wrong', async () => {
    const port = await freePort()
    const path = join(folder, 'changed.policy.json')
    const program = join(folder, 'reloading.mjs')
    writeFileSync(path, policy)
    writeFileSync(program, withReplaced(files['service.mjs'] ?? '', [['3000', port]]))
    const service = RunningProgram.start(process.execPath, [program], { TRUEHOP_POLICY: path })
    await service.printed('Server listening')
    const headers = ['X-Forwarded-For: 198.51.100.7']
    const client = async () =>
      JSON.parse((await curl(`http://127.0.0.1:${port}`, { headers })).body)
    expect(await client()).toEqual({ client: '127.0.0.1' })

    writeFileSync(path, withReplaced(policy, [['10.0.1.7', '127.0.0.1']]))
    service.signal('SIGHUP')
    await expect.poll(client, { timeout: 10_000 }).toEqual({ client: '198.51.100.7' })

    writeFileSync(path, withReplaced(policy, [['10.0.1.7', '127.0.0.1/33']]))
    service.signal('SIGHUP')
    await service.printed('policy refused')
    expect(await client()).toEqual({ client: '198.51.100.7' })
  })
})
