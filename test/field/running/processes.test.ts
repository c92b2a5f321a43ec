import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { describeWithPeers, peerPath } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'
import { ask, bodyOf, exampleAt, header, RunningProgram, request, talk } from './running-program.js'

const CLIENT = '198.51.100.7'

async function accepting(port: number): Promise<void> {
  while (!(await isAccepting(port))) await delay(50)
}

function isAccepting(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  }).finally(() => socket.destroy())
}

describeWithPeers(['systemd'], 'socket activation', () => {
  test('serves what came in before the program was there, with its PROXY header', async () => {
    const port = await freePort()
    const node = [process.execPath, exampleAt('systemd')]
    const activate = peerPath('systemd')
    const program = RunningProgram.start(activate, [`--listen=127.0.0.1:${port}`, ...node])
    await program.printed('Listening on')
    // The first connection is what starts it.
    const { client, pid } = await ask(port, header(CLIENT) + request('/'))
    expect(client).toBe(CLIENT)
    expect(await ask(port, header('192.0.2.9') + request('/'))).toEqual({
      client: '192.0.2.9',
      pid,
    })
    process.kill(Number(pid), 'SIGTERM')
    expect(await program.ended).toBe(0)
  })
})

test('without systemd the same program opens a port of its own', async () => {
  const port = await freePort()
  // Of a parent that was activated: not meant for this process.
  const program = RunningProgram.example('systemd', {
    PORT: String(port),
    LISTEN_FDS: '1',
    LISTEN_PID: '1',
  })
  await accepting(port)
  expect(await ask(port, header(CLIENT) + request('/'))).toMatchObject({ client: CLIENT })
  program.signal('SIGTERM')
  expect(await program.ended).toBe(0)
})

test('workers of node:cluster receive PROXY headers, and are one limit together', async () => {
  const port = await freePort()
  const program = RunningProgram.example('cluster', { PORT: String(port), WORKERS: '3' })
  await accepting(port)
  // The port is open when the first worker is ready; the others follow.
  const workers = new Set<unknown>()
  for (let host = 1; workers.size < 2; host = (host % 250) + 1) {
    workers.add((await ask(port, header(`203.0.113.${host}`) + request('/')))['worker'])
  }
  const answers: string[] = []
  for (let i = 0; i < 13; i++) {
    answers.push(await (await talk(port, header(CLIENT) + request('/'))).answer)
  }
  const served = answers.filter((answer) => answer.startsWith('HTTP/1.1 200')).map(bodyOf)
  expect(served.map(({ client }) => client)).toEqual(Array(10).fill(CLIENT))
  expect(new Set(served.map(({ worker }) => worker)).size).toBeGreaterThan(1)
  const others = await ask(port, header('192.0.2.9') + request('/'))
  expect(others['client']).toBe('192.0.2.9')
  program.signal('SIGTERM')
  expect(await program.ended).toBe(0)
})

test('a worker thread is given what is known of the client', async () => {
  const port = await freePort()
  RunningProgram.example('threads', { PORT: String(port) })
  await accepting(port)
  const answer = await ask(port, request('/', [`X-Forwarded-For: ${CLIENT}`]))
  expect(answer).toEqual({ client: CLIENT, why: 'first-untrusted', by: 'thread' })
})

test('a server in a worker thread receives PROXY headers', async () => {
  const port = await freePort()
  const env = { PORT: String(port) }
  const thread = new Worker(exampleAt('systemd'), { env })
  onTestFinished(async () => {
    await thread.terminate()
  })
  await accepting(port)
  expect(await ask(port, header(CLIENT) + request('/'))).toMatchObject({ client: CLIENT })
})
