import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { fileWriter, truehop } from './command-line.js'

const write = fileWriter()
const good = write('good.json', {
  trust: ['10.0.0.0/8'],
  header: 'x-forwarded-for',
  required: true,
})
const advice = write('advice.json', { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
const warned = write('warned.json', { trust: ['8.0.0.0/5'], header: 'x-forwarded-for' })
const open = write('open.json', { trust: ['any'], header: 'x-forwarded-for' })
const invalid = write(
  'invalid.json',
  '{\n  "hops": [\n    { "asserts": "forwarded",\n      "from": ["10.0.0.0/8",\n        "10.0.0.0/33"] }\n  ]\n}\n',
)

describe('truehop lint', () => {
  test.each([
    ['nothing to find', [good], 0],
    ['advice', [advice], 0],
    ['advice that shall count', ['--fail-on', 'info', advice], 1],
    ['a warning that shall not count', ['--fail-on', 'error', warned], 0],
    ['a warning', [warned], 1],
    ['a file that is not there beside a finding', [open, 'nowhere.json'], 2],
    ['advice that is left out', ['--severity', 'warning', advice], 0],
    ['an error, and advice left out', ['--severity', 'error', open], 1],
    ['an unknown severity', ['--severity', 'none', good], 2],
    ['anybody may forge', [open], 1],
    ['no policy', [invalid], 1],
    ['one of several', [good, open], 1],
    ['no file', ['nowhere.json'], 2],
    ['no argument', [], 2],
  ])('%s: %j ends with %i', async (_what, args, code) => {
    expect((await truehop(['lint', ...args])).code).toBe(code)
  })

  test('a file that cannot be read does not hide what is in the others', async () => {
    const { out, err } = await truehop(['lint', 'nowhere.json', open])
    expect(err).toContain('nowhere.json cannot be read')
    expect(out).toContain('[trusts-everyone]')
  })

  test('- is standard input', async () => {
    const { out, code } = await truehop(['lint', '-'], {
      stdin: '{"trust":["any"],"header":"forwarded"}',
    })
    expect(code).toBe(1)
    expect(out).toContain('-:1:2: hops[0].from error')
  })

  test('comments, trailing commas and a byte order mark are fine, and lines stay right', async () => {
    const text =
      '\ufeff{\n// the balancer\n"hops": [ /* [ */\n{ "from": ["any",],\n"asserts": "forwarded", }, ], }'
    const { out } = await truehop(['lint', write('comments.json', text)])
    expect(out).toContain(':4:3: hops[0].from error')
    expect(out).not.toContain('[bad-file]')
  })

  test.each([
    ['brackets without end', '['.repeat(100_000)],
    ['no end', '{"trust": ["10.0.0.0/8"]'],
    ['nothing', ''],
  ])('%s is not a policy', async (_what, text) => {
    const { out, code } = await truehop(['lint', '-'], { stdin: text })
    expect(code).toBe(1)
    expect(out).toContain('[bad-file]')
  })

  test('a finding names file, line and entry', async () => {
    const { out } = await truehop(['lint', invalid])
    expect(out).toContain(`${invalid}:5:9: hops[0].from[1] error`)
    expect(out).toContain('[bad-prefix]')
    expect(out).toContain('1 file: 1 error, 0 warnings, 0 info')
  })

  test('all that keeps a policy from starting is found at once, in the order of the file', async () => {
    const text = `{
  "onConflict": "warn",
  "hops": [
    { "from": ["10.0.0.0/33", 7], "asserts": "x-forwared-for" },
    { "asserts": "forwarded", "dephts": 2 }
  ]
}`
    const { out, code } = await truehop(['lint', '--json', write('several.json', text)])
    expect(code).toBe(1)
    const found = JSON.parse(out).findings.map(
      (f: { line: number; column: number; code: string; path: string }) =>
        `${f.line}:${f.column} ${f.code} ${f.path}`,
    )
    expect(found).toEqual([
      '2:3 bad-on-conflict onConflict',
      '4:16 bad-prefix hops[0].from[0]',
      '4:31 bad-from hops[0].from[1]',
      '4:35 bad-header hops[0].asserts',
      '5:5 missing-from hops[1].from',
      '5:31 unknown-option hops[1].dephts',
    ])
  })

  test('--severity leaves out what is less, in every form', async () => {
    const { out } = await truehop(['lint', '--severity', 'error', open, advice])
    expect(out).toContain('[trusts-everyone]')
    expect(out).not.toContain('[not-required]')
    const { out: json } = await truehop(['lint', '--severity', 'error', '--json', advice])
    expect(JSON.parse(json).findings).toEqual([])
    const { out: sarif } = await truehop(['lint', '--severity', 'error', '--sarif', advice])
    expect(JSON.parse(sarif).runs[0].results).toEqual([])
  })

  test('--json gives the findings', async () => {
    const { out } = await truehop(['lint', '--json', open])
    expect(JSON.parse(out).findings[0]).toMatchObject({
      file: open,
      line: 2,
      column: 3,
      path: 'hops[0].from',
      code: 'trusts-everyone',
      severity: 'error',
    })
  })

  test('--sarif gives what code scanning reads', async () => {
    const { out, code } = await truehop(['lint', '--sarif', open, invalid])
    expect(code).toBe(1)
    const [run] = JSON.parse(out).runs
    for (const result of run.results) {
      expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId)
      expect(['error', 'warning', 'note']).toContain(result.level)
      expect(result.locations[0].physicalLocation.region.startLine).toBeGreaterThan(0)
      expect(result.locations[0].physicalLocation.region.startColumn).toBeGreaterThan(0)
    }
    // GitHub's code scanning wants these of every rule.
    for (const rule of run.tool.driver.rules) {
      expect(rule).toMatchObject({
        name: expect.stringMatching(/^([A-Z][a-z0-9]*)+$/),
        shortDescription: { text: expect.stringMatching(/^[A-Z].*\.$/) },
        fullDescription: { text: expect.stringMatching(/^\S.*\.$/) },
        help: { text: expect.stringContaining(rule.helpUri) },
      })
    }
    const levels = run.results.map((r: { ruleId: string; level: string }) => [r.ruleId, r.level])
    expect(levels).toContainEqual(['trusts-everyone', 'error'])
    expect(levels).toContainEqual(['not-required', 'note'])
    expect(levels).toContainEqual(['bad-prefix', 'error'])
  })
})

describe('text in SARIF', () => {
  // Sections 3.11.5 and 3.11.6: braces are placeholders, [text](target) is a link, unless escaped.
  test('is neither a placeholder nor a link, whatever is in the policy', async () => {
    const file = write('forged.json', {
      hops: [
        { name: '{0} [a](https://evil.example)', from: ['10.0.0.0/8'], asserts: 'forwarded' },
        { from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' },
      ],
    })
    const { out } = await truehop(['lint', '--sarif', file])
    const texts = JSON.parse(out).runs[0].results.map(
      (result: { message: { text: string } }) => result.message.text,
    )
    expect(texts.join('\n')).toContain('{{0}} [a\\](https://evil.example)')
  })
})

describe('the place of a finding in SARIF', () => {
  const folder = mkdtempSync(join('node_modules', 'lint test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function uriOf(file: string): Promise<unknown> {
    const { out } = await truehop(['lint', '--sarif', file])
    return JSON.parse(out).runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri
  }

  // RFC 3986: a colon in the first segment would begin a scheme (section 4.2), dots are removed (5.2.4).
  test('is relative to the working directory, however it is written', async () => {
    const file = join(folder, 'a:b#c?[1]%ä.json')
    writeFileSync(file, readFileSync(open))
    const dotted = `${folder}/../${basename(folder)}/${basename(file)}`
    const uri = `${folder.replaceAll(sep, '/').replace(' ', '%20')}/a%3Ab%23c%3F%5B1%5D%25%C3%A4.json`
    for (const written of [file, `./${file}`, resolve(file), dotted]) {
      expect(await uriOf(written)).toBe(uri)
    }
  })

  test('is absolute outside of it', async () => {
    expect(await uriOf(open)).toBe(pathToFileURL(open).href)
  })
})

describe('names of a policy file', () => {
  test('one that is there twice is a finding, however it is written', async () => {
    const twice = write(
      'twice.json',
      '{"hops": [\n{ "name": "a", "from": ["10.0.0.0/8"],\n"asserts": "forwarded", "required": true,\n"\\u0066rom": ["192.0.2.1"] },\n{ "name": "a2", "from": ["192.0.2.2"], "asserts": "forwarded", "required": true }]}',
    )
    const { code, out } = await truehop(['lint', twice])
    expect(code).toBe(1)
    expect(out).toContain(`${twice}:4:1: hops[0].from error occurs more than once`)
    expect(out).toContain('1 file: 1 error, 0 warnings, 0 info')
  })

  test('a text that is no JSON is only that', async () => {
    const { out } = await truehop(['lint', write('no.json', '{"a": 1, "a": 2, no\n}')])
    expect(out).toContain('[bad-file]')
    expect(out).toContain('1 file: 1 error')
  })

  test.each(['[', '].[', 'a[b', '\u001b[2J', '.', '[0', ''])(
    'an unknown one such as %j is found',
    async (name) => {
      const unknown = { trust: ['10.0.0.0/8'], header: 'forwarded', [name]: 1 }
      const { code, out } = await truehop(['lint', write('unknown.json', unknown)])
      expect(code).toBe(1)
      expect(out).toContain('[unknown-option]')
      expect(out).not.toContain('\u001b')
    },
  )
})

describe('truehop lint --fix', () => {
  const MISSPELT = `# both sites
hops:
  - from: [10.0.0.1/8, 10.0.0.0/255.0.0.0]
    aserts: x-forwared-for
    required: true
`

  test('corrects what has one right form, says so, and leaves all else as it was', async () => {
    const path = write('fix.yaml', MISSPELT)
    chmodSync(path, 0o640)
    const { out, code } = await truehop(['lint', '--fix', path])
    expect(readFileSync(path, 'utf8')).toBe(
      MISSPELT.replace('10.0.0.1/8', '10.0.0.0/8')
        .replace('10.0.0.0/255.0.0.0', '10.0.0.0/8')
        .replace('aserts: x-forwared-for', 'asserts: x-forwarded-for'),
    )
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(out).toContain(`${path}:4:5: corrected: "aserts" is now "asserts" [unknown-option]`)
    expect(out).toContain('"10.0.0.0/255.0.0.0" is now "10.0.0.0/8" [bad-prefix]')
    expect(out).toContain('1 file: 0 errors, 0 warnings, 0 info')
    expect(code).toBe(0)
  })

  test('reports what only a person can put right, and ends with 1', async () => {
    const path = write('left.json', '{ "trust": ["any", "10.0.0.1/8"], "heder": "forwarded" }')
    const { out, code } = await truehop(['lint', '--fix', '--json', path])
    const { corrected, findings } = JSON.parse(out)
    expect(corrected.map((f: { code: string }) => f.code)).toEqual(['unknown-option', 'host-bits'])
    expect(findings[0].code).toBe('trusts-everyone')
    expect(code).toBe(1)
  })

  test('writes through a link, and nothing where nothing is to be corrected', async () => {
    const path = write('linked.json', '{ "trust": ["10.0.0.1/8"], "header": "forwarded" }')
    const link = `${path}.link`
    symlinkSync(path, link)
    await truehop(['lint', '--fix', link])
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    const { ino } = statSync(path)
    await truehop(['lint', '--fix', link])
    expect(statSync(path).ino).toBe(ino)
    expect(readFileSync(path, 'utf8')).toContain('"10.0.0.0/8"')
  })

  test('leaves the file to its owner', async () => {
    const path = write('owned.json', '{ "trust": ["10.0.0.1/8"], "header": "forwarded" }')
    chmodSync(path, 0o600)
    // Only root can give files away.
    const own = [process.getuid?.() ?? 0, process.getgid?.() ?? 0] as const
    const [owner, group] = own[0] === 0 ? [4711, 4712] : own
    chownSync(path, owner, group)
    await truehop(['lint', '--fix', path])
    const { uid, gid, mode } = statSync(path)
    expect(readFileSync(path, 'utf8')).toContain('"10.0.0.0/8"')
    expect([uid, gid, mode & 0o777]).toEqual([owner, group, 0o600])
  })

  test('leaves alone what somebody else has in the place of its own file', async () => {
    const path = write('taken.json', '{ "trust": ["10.0.0.1/8"], "header": "forwarded" }')
    const beside = `${path}.${process.pid}.new`
    writeFileSync(beside, 'of somebody else')
    const { err, code } = await truehop(['lint', '--fix', path])
    expect(readFileSync(beside, 'utf8')).toBe('of somebody else')
    expect(err).toContain('taken.json cannot be written')
    expect(code).toBe(2)
  })

  test('needs files, as there is nowhere to write standard input to', async () => {
    const { err, code } = await truehop(['lint', '--fix', '-'], { stdin: '{}' })
    expect(err).toContain('name one instead of -')
    expect(code).toBe(2)
  })
})

test('every command reads policies in YAML', async () => {
  const path = write('policy.yaml', 'trust: [10.0.0.0/8]\nheader: x-forwarded-for\n')
  const { out } = await truehop([
    'explain',
    '--policy',
    path,
    '--peer',
    '10.0.0.5',
    '--header',
    'x-forwarded-for: 198.51.100.7',
  ])
  expect(out).toContain('198.51.100.7')
})
