import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { fileWriter } from '../../packages/cli/test/command-line.js'

const main = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url))
const write = fileWriter()
const policy = write('policy.json', { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })

/** Runs a script of bash in which `"$@"` is the program with an explanation as JSON. */
function inBash(script: string): { readonly out: string; readonly err: string } {
  const words = [process.execPath, main, 'explain', '--policy', policy, '--peer', '::1', '--json']
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words])
  return { out: stdout.toString(), err: stderr.toString() }
}

describe('the program', () => {
  test('says that its result could not be written', () => {
    const full = write('full', '')
    const { out, err } = inBash(`(ulimit -f 0; "$@" > ${full}); echo "$?"`)
    expect(out).toBe('2\n')
    expect(err).toMatch(/^truehop: the result cannot be written: EFBIG/)
  })

  test('ends quietly where nobody reads on', () => {
    expect(inBash(`"$@" | true; echo "\${PIPESTATUS[0]}"`)).toEqual({ out: '0\n', err: '' })
  })

  test('keeps the exit code of its findings where nobody reads on', () => {
    const open = write('open.json', { trust: ['any'], header: 'forwarded' })
    const files = Array.from({ length: 400 }, () => open)
    const script = `"$@" | true; echo "\${PIPESTATUS[0]}"`
    const args = ['-c', script, 'bash', process.execPath, main, 'lint', '--json', ...files]
    expect(spawnSync('bash', args).stdout.toString()).toBe('1\n')
  })

  test('takes a byte order mark at the beginning of a policy and of records for none', () => {
    const text = '\uFEFF{ "trust": ["10.0.0.0/8"], "header": "x-forwarded-for" }'
    const marked = write('marked.json', text)
    const request = { peer: '10.0.0.1', headers: { 'x-forwarded-for': '198.51.100.7' } }
    const records = write('marked.jsonl', `\uFEFF${JSON.stringify(request)}\n`)
    const args = [main, 'explain', '--policy', marked, records]
    const { status, stdout } = spawnSync(process.execPath, args)
    expect(stdout.toString()).toMatch(/^client +198\.51\.100\.7 /m)
    expect(status).toBe(0)
  })
})
