import { execFileSync } from 'node:child_process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { LinesOfTurn } from '../src/loggers/lines-of-turn.js'

/** A sink of which each write is seen. */
function sinkWith(more: { fd?: number; destroyed?: boolean; writableEnded?: boolean }) {
  const writes: string[] = []
  const sink = { ...more, write: (text: string) => writes.push(text) }
  return { sink, writes, lines: new LinesOfTurn(sink) }
}

test('a sink with a file descriptor gets the lines of one turn in one write, in their order', async () => {
  const { writes, lines } = sinkWith({ fd: 1 })
  lines.add('a\n')
  lines.add('b\n')
  expect(writes).toEqual([])
  await nextTurn()
  expect(writes).toEqual(['a\nb\n'])
  lines.add('c\n')
  await nextTurn()
  expect(writes).toEqual(['a\nb\n', 'c\n'])
})

test('any other sink gets each line by itself, at once: each write may be a line to it', () => {
  const { writes, lines } = sinkWith({})
  lines.add('a\n')
  lines.add('b\n')
  expect(writes).toEqual(['a\n', 'b\n'])
})

test('many lines do not wait for the end of the turn', async () => {
  const { writes, lines } = sinkWith({ fd: 1 })
  const line = `${'x'.repeat(1023)}\n`
  for (let i = 0; i < 100; i++) lines.add(line)
  expect(writes.length).toBeGreaterThan(1)
  await nextTurn()
  expect(writes.join('')).toBe(line.repeat(100))
})

test('lines of several workers stay whole in one pipe: no write has more bytes than it takes as a whole', async () => {
  const { writes, lines } = sinkWith({ fd: 1 })
  const line = `${'é'.repeat(250)}\n`
  for (let i = 0; i < 20; i++) lines.add(line)
  await nextTurn()
  // PIPE_BUF of Linux: pipe(7).
  expect(writes.filter((text) => Buffer.byteLength(text) > 4096)).toEqual([])
  expect(writes.length).toBeLessThan(5)
  expect(writes.join('')).toBe(line.repeat(20))
})

test.each(['destroyed', 'writableEnded'] as const)(
  'a sink that was closed within the turn (%s) is left alone: its error would have no listener',
  async (closed) => {
    const { sink, writes, lines } = sinkWith({ fd: 1, [closed]: false })
    lines.add('a\n')
    sink[closed] = true
    await nextTurn()
    expect(writes).toEqual([])
  },
)

test('a sink that fails while the process exits costs no other sink its lines', () => {
  const built = new URL('../dist/loggers/lines-of-turn.js', import.meta.url)
  const program = `
    import pino from 'pino'
    import { LinesOfTurn } from ${JSON.stringify(built.href)}
    const write = () => { throw new Error('gone') }
    new LinesOfTurn({ fd: 9, write }).add('a\\n')
    new LinesOfTurn(pino.destination({ dest: 1, sync: true })).add('b\\n')
    process.exit(0)`
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const args = ['--input-type=module', '--eval', program]
  expect(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })).toBe('b\n')
})

test.each([true, false])(
  'lines are not lost when the process exits within the turn, with sync: %s',
  (sync) => {
    const built = new URL('../dist/loggers/lines-of-turn.js', import.meta.url)
    const program = `
      import pino from 'pino'
      import { LinesOfTurn } from ${JSON.stringify(built.href)}
      const lines = new LinesOfTurn(pino.destination({ dest: 1, sync: ${sync} }))
      lines.add('a\\n')
      lines.add('b\\n')
      process.exit(0)`
    const cwd = fileURLToPath(new URL('..', import.meta.url))
    const args = ['--input-type=module', '--eval', program]
    expect(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })).toBe('a\nb\n')
  },
)
