import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { circlesIn } from './circles.js'
import { codesIn, errorClassesIn, headingsIn, reasonsIn } from './error-codes.js'
import {
  manifestIn,
  manifestOf,
  packageNamed,
  packages,
  parseSource,
  reachableFrom,
  root,
  type SourceFile,
  sourcesOf,
  sourcesUnder,
} from './source-file.js'

/** Who may import whom. Data goes one way: nothing on the left knows anything on the right. */
const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  options: [],
  redis: [],
  ip: ['options'],
  'proxy-protocol': ['ip', 'options'],
  forwarded: ['ip'],
  identity: ['ip', 'proxy-protocol', 'forwarded', 'options'],
  fastify: ['identity', 'proxy-protocol', 'options'],
  express: ['identity', 'proxy-protocol', 'options'],
  log: ['identity', 'ip', 'options'],
  allowlist: ['identity', 'ip', 'options', 'redis'],
  'rate-limit': ['identity', 'ip', 'options', 'redis'],
  inspector: ['identity', 'ip', 'proxy-protocol', 'options'],
  testing: ['identity', 'proxy-protocol', 'options'],
  cli: packages,
}

/** Private to the workspace: part of what is published of those that use it. */
const BUNDLED = ['@truehop/options', '@truehop/redis']

const CONSUMERS = ['log', 'allowlist', 'rate-limit', 'inspector']

/** Words of the evidence, and the packages in which they may stand. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  'x-forwarded-for': ['forwarded', 'identity', 'fastify', 'express', 'testing', 'cli'],
  remoteAddress: ['proxy-protocol', 'identity', 'fastify', 'express', 'testing', 'cli'],
  'req.ip': ['fastify', 'express', 'cli'],
  'request.ip': ['fastify', 'express', 'cli'],
}

/** Errors without a code, and what becomes of them before a user could see them. */
const CAUGHT_INSIDE: Readonly<Record<string, string>> = {
  WitnessError: 'the outcome in the metrics, and the message of what onError gets',
  UsageError: 'a line on the terminal and exit code 2',
  TrialProblem: 'a message beside the field of the form',
  DeadlineError: 'the cause in the event that a store is unavailable',
  Fault: 'the message of a PolicyError',
  TooLarge: 'the message of a PolicyError',
  OpenCircuitError: 'the cause in the event that a store is unavailable',
}

const allSources = packages.flatMap(sourcesOf)
const allTests = [...packages.flatMap(testsOf), ...sourcesUnder('test')]

function testsOf(name: string): SourceFile[] {
  return sourcesUnder(`packages/${name}`).filter(({ path }) => !path.includes('/src/'))
}

/** `path: line` for every place where a pattern is found. */
function places(files: readonly SourceFile[], pattern: RegExp, part: 'code' | 'text' = 'code') {
  return files.flatMap((file) =>
    file[part]
      .split('\n')
      .map((line, index) => ({ line, at: `${file.path}:${index + 1}: ${line.trim()}` }))
      .filter(({ line }) => pattern.test(line))
      .map(({ at }) => at),
  )
}

describe('who imports whom', () => {
  test('the table names every package', () => {
    expect(packages.filter((name) => IMPORTS[name] === undefined)).toEqual([])
  })

  test.each(packages)(
    '%s: the manifest depends on no other package than the table says',
    (name) => {
      const { dependencies = {}, peerDependencies = {} } = manifestOf(name)
      const named = [...Object.keys(dependencies), ...Object.keys(peerDependencies)]
      expect(ours(named).filter((other) => !IMPORTS[name]?.includes(other))).toEqual([])
    },
  )

  test.each(packages)('%s: the sources import no other package than the table says', (name) => {
    const wrong = sourcesOf(name).flatMap((file) =>
      ours(file.imports.map(({ specifier }) => packageNamed(specifier) ?? ''))
        .filter((other) => !IMPORTS[name]?.includes(other))
        .map((other) => `${file.path}: @truehop/${other}`),
    )
    expect(wrong).toEqual([])
  })

  test.each(packages)('%s: the sources import what the manifest names, and all of it', (name) => {
    const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifestOf(name)
    const imported = new Set(
      sourcesOf(name).flatMap(({ imports }) =>
        imports.map(({ specifier }) => packageNamed(specifier)),
      ),
    )
    imported.delete(undefined)
    imported.delete('node:')
    // What the build makes of the page, under a name of the package's own.
    imported.delete('#page')
    const bundled = Object.keys(devDependencies).filter((other) => BUNDLED.includes(other))
    const named = [...Object.keys(dependencies), ...Object.keys(peerDependencies), ...bundled]
    expect([...imported].filter((other) => !named.includes(other ?? ''))).toEqual([])
    expect(bundled.filter((other) => !imported.has(other))).toEqual([])
    expect(Object.keys(dependencies).filter((other) => !imported.has(other))).toEqual([])
  })

  test.each(packages)('%s: relative imports stay inside the sources', (name) => {
    const outside = sourcesOf(name).flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => join(path, '..', specifier))
        .filter((target) => !target.startsWith(`packages/${name}/src/`)),
    )
    expect(outside).toEqual([])
  })

  test.each(packages)('%s: no source file imports itself through other files', (name) => {
    expect(circlesIn(sourcesOf(name))).toEqual([])
  })

  function ours(names: readonly string[]): string[] {
    return names.flatMap((name) => (name.startsWith('@truehop/') ? [name.slice(9)] : []))
  }
})

describe('dependencies', () => {
  test('every one has a line in docs/dependencies.md', () => {
    const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
    const folders = [...packages.map((name) => `packages/${name}`), 'examples', 'site', '.']
    const named = folders.flatMap((folder) => {
      const { dependencies, devDependencies, peerDependencies } = manifestIn(folder)
      return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })
    })
    const others = new Set(named.filter((name) => !name.startsWith('@truehop/')))
    expect(others).toContain('fastify')
    expect([...others].filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })
})

describe('who reads evidence', () => {
  test.each(Object.entries(OWNERS))(
    '%s stands only in the packages that own it',
    (word, owners) => {
      const pattern = new RegExp(`\\b${word.replace('.', '\\.')}\\b`, 'i')
      const others = packages.filter((name) => !owners.includes(name))
      expect(places(others.flatMap(sourcesOf), pattern, 'text')).toEqual([])
    },
  )

  test('consumers read no socket and no header that names an address', () => {
    const consumers = CONSUMERS.flatMap(sourcesOf)
    expect(places(consumers, /\.(socket|connection)\b|\.rawHeaders\b/)).toEqual([])
    expect(
      places(consumers, /['"](forwarded|x-real-ip|cf-connecting-ip|true-client-ip)['"]/i),
    ).toEqual([])
  })
})

describe('the way of a request', () => {
  const identity = sourcesOf('identity')

  test('leads from the request to the walk, which knows nothing of requests or observers', () => {
    const downstream = /from '\.\.\/(request|explain|alarm|forward)\//
    const walk = identity.filter(({ path }) => path.includes('/src/walk/'))
    expect(walk.length).toBeGreaterThan(5)
    expect(places(walk, downstream)).toEqual([])
  })

  test('makes identities in one place', () => {
    const made = places(identity, /\bnew (Resolved|Undetermined)\b/)
    expect(made).toHaveLength(2)
    expect(
      made.filter((place) => !place.startsWith('packages/identity/src/walk/outcome.ts')),
    ).toEqual([])
  })
})

describe('what runs without Node', () => {
  test.each([
    ['@truehop/identity/portable', 'packages/identity/src/portable.ts'],
    ['@truehop/proxy-protocol/wire', 'packages/proxy-protocol/src/wire/index.ts'],
    ['@truehop/forwarded', 'packages/forwarded/src/index.ts'],
    ['@truehop/ip', 'packages/ip/src/index.ts'],
    ['the form of the inspector', 'packages/inspector/src/serve/trial.ts'],
  ])('%s reaches no node: module and no global of Node', (_entry, path) => {
    const { files, outside } = reachableFrom(path)
    expect(files.length).toBeGreaterThan(1)
    expect(outside.filter((line) => line.includes('node:'))).toEqual([])
    expect(places(files, /(?<![.\w])(Buffer|process|setImmediate|__dirname)\b(?!['":])/)).toEqual(
      [],
    )
  })
})

describe('the code', () => {
  test('no file of the sources is longer than 300 lines, copies of published lists aside', () => {
    const lengths = allSources.map(({ path, text }) => ({
      path,
      lines: text.split('\n').length - 1,
    }))
    expect(
      lengths.filter(({ path, lines }) => lines > 300 && !path.includes('/snapshots/')),
    ).toEqual([])
  })

  test('nothing is forced past the compiler', () => {
    const forced =
      /\bas any\b|[:<,|&]\s*any\b(?=\s*[>,;)=|&[\]{]|$)|\bas (?:unknown as|never)\b|[\w)\]]!(?=[.,;)\]]|$)/
    const told = /@ts-(ignore|expect-error|nocheck)/
    expect(places(allSources, forced)).toEqual([])
    expect(places(allSources, told, 'text')).toEqual([])
  })

  test('no private field of Node is touched', () => {
    expect(
      places(allSources, /\._(handle|parent|server|httpMessage|events|readableState)\b/),
    ).toEqual([])
  })

  test('nothing is left open, and no test is left out or runs alone', () => {
    const open = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|X{3})\\b`)
    const partial = /\b(describe|test|it|suite)(\.\w+)*\.(skip|only|todo|fails)\b/
    expect(places([...allSources, ...allTests], open, 'text')).toEqual([])
    expect(places(allTests, partial)).toEqual([])
  })
})

describe('error codes', () => {
  const headings = headingsIn(readFileSync(join(root, 'docs/errors.md'), 'utf8'))

  test('every class of errors that a package exports has a code', () => {
    const entries = allSources.filter(({ path }) =>
      /\/(index|portable|adapter|fastify|express)\.ts$/.test(path),
    )
    const exported = allSources
      .flatMap(errorClassesIn)
      .filter(({ name }) => entries.some(({ code }) => new RegExp(`\\b${name}\\b`).test(code)))
    expect(exported).toContainEqual({ name: 'PolicyError', hasCode: true })
    expect(exported.filter(({ hasCode }) => !hasCode)).toEqual([])
  })

  test('every other one has a code too, or never leaves its package', () => {
    const coded = allSources.flatMap(errorClassesIn)
    expect(coded).toContainEqual({ name: 'EditionError', hasCode: true })
    const codeless = coded.filter(({ hasCode }) => !hasCode).map(({ name }) => name)
    expect(codeless.filter((name) => !(name in CAUGHT_INSIDE))).toEqual([])
  })

  test('every code has a heading in docs/errors.md', () => {
    const codes = new Set(allSources.flatMap(codesIn))
    expect(codes).toContain('bad-cidr')
    expect([...codes].filter((code) => !headings.has(code))).toEqual([])
  })

  test('every reason of an identity and of a refused connection has one too', () => {
    const reasons = new Set(allSources.flatMap(reasonsIn))
    for (const known of ['first-untrusted', 'chain-too-long', 'invalid-element', 'timeout']) {
      expect(reasons).toContain(known)
    }
    expect([...reasons].filter((reason) => !headings.has(reason))).toEqual([])
  })
})

describe('the rules themselves', () => {
  test('find what they look for', () => {
    const file = parseSource(
      'sample.ts',
      [
        "import { a } from '@truehop/identity' // from 'x'",
        "import type { B } from 'node:http'",
        'export {',
        '  c,',
        "} from './c.js'",
        "/* import d from 'd' */",
        "const url = 'http://e' // any",
        "const f = await import('g')",
        "export const H_CODES = ['bad-h'] as const",
        "export type ICode =\n  | OtherCode\n  | `x:y`\n  | 'bad-i'\n  | 'bad-j'",
        "const after = 'other'",
        "class LError extends Error {\n  readonly code = 'bad-l'\n}",
        'class KError extends Error {\n  readonly code: KCode\n}',
      ].join('\n'),
    )
    expect(file.imports).toEqual([
      { specifier: '@truehop/identity', typeOnly: false },
      { specifier: 'node:http', typeOnly: true },
      { specifier: './c.js', typeOnly: false },
      { specifier: 'g', typeOnly: false },
    ])
    expect(file.code).not.toContain('any')
    expect(file.code).toContain('http://e')
    expect(codesIn(file)).toEqual(['bad-h', 'bad-i', 'bad-j', 'bad-l'])
    expect(errorClassesIn(file)).toEqual([
      { name: 'LError', hasCode: true },
      { name: 'KError', hasCode: true },
    ])
    const circle = [
      parseSource('a/d.ts', "import type { E } from './e/e.js'"),
      parseSource('a/e/e.ts', "export { f } from './f.js'"),
      parseSource('a/e/f.ts', "import { d } from '../d.js'\nimport 'node:fs'"),
      parseSource('a/g.ts', "import { d } from './d.js'"),
    ]
    expect(circlesIn(circle)).toEqual(['a/d.ts', 'a/e/e.ts', 'a/e/f.ts'])
    expect(circlesIn(circle.slice(1))).toEqual([])
    expect(headingsIn('# a\n\n## `bad-h`\n### bad-i\n')).toEqual(new Set(['', 'bad-h', 'bad-i']))
  })
})
