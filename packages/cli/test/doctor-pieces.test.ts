import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { type Answer, answerOf, bare } from '../src/doctor/answer.js'
import type { Probed } from '../src/doctor/examine.js'
import { headerFindings } from '../src/doctor/header-findings.js'
import { type ProbeName, Probes } from '../src/doctor/probe.js'
import type { Target } from '../src/doctor/target.js'
import { truehop } from './command-line.js'

const open = new Set<Server>()

afterAll(() => {
  for (const server of open) server.close()
  open.clear()
})

/** What a listener that reads headers of version 1 does with the pieces that have come so far. */
type Reading = (socket: Socket, text: string) => void

async function codesOf(read: Reading): Promise<string[]> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    let text = ''
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1')
      read(socket, text)
    })
  })
  open.add(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const { out } = await truehop(['doctor', `127.0.0.1:${port}`, '--json', '--timeout', '500'])
  const codes: string[] = JSON.parse(out).findings.map(({ code }: { code: string }) => code)
  return codes.filter((code) => /^(split|slow)-refused$/.test(code))
}

const WHOLE = /^PROXY (?:TCP4 \S+ \S+ \d+ \d+|UNKNOWN)\r\n/
const serve: Reading = (socket, text) => {
  if (/\r\n\r\n$/.test(text)) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
}

/** Refuses what is not a whole header at once, as HAProxy and nginx do. */
const whole: Reading = (socket, text) => {
  if (WHOLE.test(text)) serve(socket, text)
  else socket.destroy()
}

/** Waits for the rest, for so many milliseconds. */
const patient = (patience: number): Reading => {
  const waiting = new WeakMap<Socket, NodeJS.Timeout>()
  return (socket, text) => {
    if (WHOLE.test(text)) {
      clearTimeout(waiting.get(socket))
      serve(socket, text)
    } else if (!'PROXY TCP4 '.startsWith(text.slice(0, 9))) {
      socket.destroy()
    } else if (!waiting.has(socket)) {
      waiting.set(
        socket,
        setTimeout(() => socket.destroy(), patience),
      )
    }
  }
}

describe.concurrent('doctor, of a header in two pieces', () => {
  test.each<[string, Reading, string[]]>([
    ['refused at once', whole, ['split-refused']],
    ['waited for, but not for two seconds', patient(1200), ['slow-refused']],
    ['waited for', patient(10_000), []],
  ])('%s', async (_, read, codes) => {
    expect(await codesOf(read)).toEqual(codes)
  })

  /** Both pieces were in its socket when it looked. */
  test('one that a busy listener reads as one piece is not one that it waits for', () => {
    const answers: readonly (readonly [ProbeName, Answer])[] = [
      ['v1', SERVED],
      ['split', SERVED],
      ['slow', { ...bare('closed'), cutAfter: 40 }],
    ]
    expect(codesAmong(answers)).toEqual(['split-refused'])
  })

  test('one that was waited for longer than the split one took is refused for being slow', () => {
    const answers: readonly (readonly [ProbeName, Answer])[] = [
      ['v1', SERVED],
      ['split', SERVED],
      ['slow', { ...bare('closed'), cutAfter: 1500 }],
    ]
    expect(codesAmong(answers)).toEqual(['slow-refused'])
  })
})

const SERVED = answerOf('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', 'closed')
const target: Target = {
  place: { host: '127.0.0.1', port: 80 },
  address: '127.0.0.1',
}

/** With 100 milliseconds between the pieces of the split header. */
function codesAmong(answers: readonly (readonly [ProbeName, Answer])[]): string[] {
  const probes = new Probes(target, '/', false)
  const all = new Map([...probes.contract(), ...probes.header(1, 0)].map((one) => [one.name, one]))
  const probed = new Map<ProbeName, Probed>()
  for (const [name, answer] of answers) {
    const probe = all.get(name)
    if (probe !== undefined) probed.set(name, { probe, answer })
  }
  const contract = { header: 'required', versions: [1], tls: 'none' } as const
  const found = headerFindings({ target, tls: false, path: '/', contract, probed })
  return found.map(({ code }) => code).filter((code) => /^(split|slow)-refused$/.test(code))
}
