import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { peerPath } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'

/** A redis-server of its own on the loopback, without persistence. */
export class RedisServer {
  readonly port: number
  readonly #folder = temporaryFolder('redis')
  #process: ChildProcess | undefined

  readonly #settings: Readonly<Record<string, string>>

  private constructor(port: number, settings: Readonly<Record<string, string>>) {
    this.port = port
    this.#settings = settings
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), settings)
    await server.run()
    return server
  }

  /** A Redis cluster of one node, which holds all slots. */
  static async startCluster(): Promise<RedisServer> {
    const announced = { 'cluster-announce-ip': '127.0.0.1' }
    const bus = { 'cluster-port': String(await freePort()) }
    const server = await RedisServer.start({ 'cluster-enabled': 'yes', ...announced, ...bus })
    await server.command('CLUSTER ADDSLOTSRANGE 0 16383')
    for (let tries = 0; tries < 200; tries++) {
      if ((await server.command('CLUSTER INFO')).includes('cluster_state:ok')) return server
      await sleep(25)
    }
    throw new Error('the cluster does not come up')
  }

  /** A sentinel of its own, which watches a master as `main`, and decides alone. */
  static async startSentinel(master: number): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), {})
    const file = join(server.#folder, 'sentinel.conf')
    const watch = [
      `sentinel monitor main 127.0.0.1 ${master} 1`,
      'sentinel down-after-milliseconds main 1000',
    ]
    writeFileSync(file, [`port ${server.port}`, 'bind 127.0.0.1', ...watch, ''].join('\n'))
    await server.#spawn([file, '--sentinel'])
    return server
  }

  /** Starts it on its port, also after `kill`. */
  async run(): Promise<void> {
    const own = { port: this.port, bind: '127.0.0.1', save: '', appendonly: 'no' }
    const folder = ['--dir', this.#folder]
    const args = Object.entries({ ...own, ...this.#settings }).flatMap(([name, value]) => [
      `--${name}`,
      String(value),
    ])
    await this.#spawn([...args, ...folder])
  }

  async #spawn(args: readonly string[]): Promise<void> {
    this.#process = spawn(peerPath('redis'), args, { stdio: 'ignore' })
    for (let tries = 0; tries < 200; tries++) {
      if ((await this.command('PING').catch(() => '')) === '+PONG\r\n') return
      await sleep(25)
    }
    throw new Error(`redis-server does not answer on port ${this.port}`)
  }

  /** Ends at once, as a machine does that fails. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Connections stay, and nothing answers. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Sends an inline command on a connection of its own; the raw reply, one piece. */
  async command(text: string): Promise<string> {
    const socket = connect(this.port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      socket.write(`${text}\r\n`)
      const [reply] = await once(socket, 'data')
      return String(reply)
    } finally {
      socket.destroy()
    }
  }
}
