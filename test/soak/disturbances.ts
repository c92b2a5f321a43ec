import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { definePolicy, type LiveRanges, type Policy, type PolicyOptions } from '@truehop/identity'
import { pick, type Random } from '../fuzz/random.js'
import { FROM } from './scenes.js'
import { portOf } from './services.js'

/** A list of ranges at a URL, whose server answers as badly as servers do. */
export class Feed {
  readonly url: string
  /** Answers that were no good list. */
  broken = 0
  isBroken = false
  readonly #server: Server

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  static async start(list: string, random: Random): Promise<Feed> {
    const server = createServer((request, response) => {
      const isGood = !feed.isBroken || random(3) === 0
      if (isGood) return response.end(list)
      feed.broken++
      return pick(random, BROKEN)(response, list, () => request.socket.resetAndDestroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const feed = new Feed(server, `http://127.0.0.1:${portOf(server)}/`)
    return feed
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

const BROKEN: readonly ((response: ServerResponse, list: string, reset: () => void) => unknown)[] =
  [
    (response) => response.writeHead(500).end('<html>'),
    (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    (response) => response.end(''),
    (response) => response.end('<html>login</html>'),
    (response, list) => response.end(`${list}0.0.0.0/1\n128.0.0.0/1\n`),
    (response, list) => response.end(`${list}10.0.0.300\n`),
    (_response, _list, reset) => reset(),
    (response, list, reset) => {
      response.writeHead(200, { 'content-length': list.length + 100 })
      response.write(list, reset)
    },
  ]

/** The policy in one of several words: whatever is in force, everybody has the same answer. */
export function policyOptions(edge: LiveRanges, version: number): PolicyOptions {
  const suffix = version % 2 === 0 ? '/32' : ''
  const rules = [
    { name: 'edge', from: [edge], asserts: 'x-forwarded-for' },
    { name: 'cdn', from: [`${FROM.cdn}${suffix}`], asserts: 'CF-Connecting-IP' },
  ]
  return {
    hops: [
      { name: `nlb-${version % 5}`, from: [FROM.loadBalancer], asserts: 'proxy-protocol' },
      ...(version % 3 === 0 ? rules : rules.reverse()),
    ],
    maxHops: 10 + (version % 7),
    proxyProtocol: { direct: 'accept' },
  }
}

/** Replaces a policy again and again, by good ones and by ones that must change nothing. */
export class Replacer {
  readonly policy: Policy
  replaced = 0
  refused = 0
  readonly #edge: LiveRanges

  constructor(edge: LiveRanges) {
    this.#edge = edge
    this.policy = definePolicy(policyOptions(edge, 0))
  }

  next(): void {
    this.replaced++
    this.policy.replace(policyOptions(this.#edge, this.replaced))
    try {
      this.policy.replace({ trust: ['any', '10.0.0.0/33'], header: 'x-forwarded-for' })
    } catch {
      this.refused++
    }
  }
}

/** A redis-server of its own, which freezes, dies and comes back. */
export class FailingRedis {
  readonly port: number
  outages = 0
  readonly #command: string
  #process: ChildProcess | undefined

  private constructor(command: string, port: number) {
    this.#command = command
    this.port = port
  }

  static async start(command: string): Promise<FailingRedis> {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const port = portOf(probe)
    const closed = once(probe, 'close')
    probe.close()
    await closed
    const redis = new FailingRedis(command, port)
    await redis.run()
    return redis
  }

  /** One outage of about `milliseconds`. */
  async fail(random: Random, milliseconds: number): Promise<void> {
    this.outages++
    if (random(2) === 0) {
      this.#process?.kill('SIGSTOP')
      await sleep(milliseconds)
      this.#process?.kill('SIGCONT')
    } else {
      await this.stop()
      await sleep(milliseconds)
      await this.run()
    }
  }

  async run(): Promise<void> {
    const settings = [
      '--port',
      `${this.port}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--dir',
      '/tmp',
    ]
    this.#process = spawn(this.#command, settings, { stdio: 'ignore' })
    for (let tries = 0; tries < 200; tries++) {
      if (await this.#answers()) return
      await sleep(25)
    }
    throw new Error('redis-server does not come up')
  }

  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async #answers(): Promise<boolean> {
    const socket = connect(this.port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return true
    } catch {
      return false
    } finally {
      socket.destroy()
    }
  }
}
