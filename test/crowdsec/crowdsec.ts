import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '../peers/harness/folder.js'
import { peerPath } from '../peers/harness/peer.js'
import { freePort } from '../peers/harness/ports.js'

/** A real CrowdSec on the loopback: its Local API alone, with a database of its own. */
export class CrowdSec {
  readonly url: string
  readonly #folder = temporaryFolder('crowdsec')
  readonly #config = join(this.#folder, 'config.yaml')
  #process: ChildProcess | undefined

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`
    for (const name of ['data', 'hub', 'notifications', 'plugins']) {
      mkdirSync(join(this.#folder, name))
    }
    writeFileSync(join(this.#folder, 'simulation.yaml'), 'simulation: false\n')
    writeFileSync(join(this.#folder, 'profiles.yaml'), PROFILES)
    writeFileSync(this.#config, config(this.#folder, port))
  }

  static async start(): Promise<CrowdSec> {
    const server = new CrowdSec(await freePort())
    const credentials = join(server.#folder, 'credentials.yaml')
    server.cscli('machines', 'add', 'test', '--auto', '-f', credentials, '-u', server.url)
    await server.run()
    return server
  }

  /** Starts it on its port, also after `kill`. */
  async run(): Promise<void> {
    const args = ['-c', this.#config, '-no-cs']
    this.#process = spawn(peerPath('crowdsec'), args, { stdio: 'ignore' })
    for (let tries = 0; tries < 400; tries++) {
      const response = await fetch(`${this.url}/health`).catch(() => undefined)
      await response?.body?.cancel()
      if (response !== undefined) return
      await sleep(50)
    }
    throw new Error(`crowdsec does not answer at ${this.url}`)
  }

  /** The key of a new remediation component. */
  key(name: string): string {
    return this.cscli('bouncers', 'add', name, '-o', 'raw').trim()
  }

  cscli(...args: string[]): string {
    const path = join(dirname(peerPath('crowdsec')), 'usr/bin/cscli')
    return execFileSync(path, ['-c', this.#config, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  }

  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const PROFILES = `name: default_ip_remediation
filters:
 - Alert.Remediation == true && Alert.GetScope() == "Ip"
decisions:
 - type: ban
   duration: 4h
on_success: break
`

function config(folder: string, port: number): string {
  return `common:
  daemonize: false
  log_media: stdout
  log_level: error
config_paths:
  config_dir: ${folder}/
  data_dir: ${folder}/data/
  simulation_path: ${folder}/simulation.yaml
  hub_dir: ${folder}/hub/
  index_path: ${folder}/hub/.index.json
  notification_dir: ${folder}/notifications/
  plugin_dir: ${folder}/plugins/
cscli:
  output: raw
db_config:
  type: sqlite
  db_path: ${folder}/data/crowdsec.db
api:
  client:
    credentials_path: ${folder}/credentials.yaml
  server:
    log_level: error
    listen_uri: 127.0.0.1:${port}
    profiles_path: ${folder}/profiles.yaml
prometheus:
  enabled: false
`
}
