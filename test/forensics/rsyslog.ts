import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { certificate } from '../peers/harness/certificate.js'
import { temporaryFolder } from '../peers/harness/folder.js'
import { peerPath } from '../peers/harness/peer.js'
import { freePort } from '../peers/harness/ports.js'

/** rsyslog on the loopback, with a configuration of its own, which writes what arrives to a file. */
export class Rsyslog {
  readonly port: number
  readonly #folder = temporaryFolder('rsyslog')
  readonly #tls: boolean
  #process: ChildProcess | undefined

  private constructor(port: number, tls: boolean) {
    this.port = port
    this.#tls = tls
  }

  static async start({ tls = false } = {}): Promise<Rsyslog> {
    const server = new Rsyslog(await freePort(), tls)
    await server.run()
    return server
  }

  /** Starts it on its port, also after `kill`. */
  async run(): Promise<void> {
    const configuration = join(this.#folder, 'rsyslog.conf')
    writeFileSync(configuration, this.#configuration())
    const pid = join(this.#folder, 'rsyslog.pid')
    rmSync(pid, { force: true })
    this.#process = spawn(peerPath('rsyslog'), ['-n', '-f', configuration, '-i', pid], {
      stdio: 'ignore',
    })
    for (let tries = 0; tries < 400; tries++) {
      if (await this.#listens()) return
      await sleep(25)
    }
    throw new Error(`rsyslogd does not listen on port ${this.port}`)
  }

  #configuration(): string {
    const { certFile, keyFile } = certificate()
    const folder = this.#folder
    const keys = `defaultNetstreamDriverCAFile="${certFile}" defaultNetstreamDriverCertFile="${certFile}" defaultNetstreamDriverKeyFile="${keyFile}"`
    const tls = 'streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon"'
    return `
global(workDirectory="${folder}" net.enableDNS="off" maxMessageSize="8k" ${this.#tls ? keys : ''})
module(load="imtcp" ${this.#tls ? tls : ''})
template(name="fields" type="string" string="%pri%|%timestamp:::date-rfc3339%|%hostname%|%app-name%|%procid%|%msgid%|%structured-data%\\n")
input(type="imtcp" address="127.0.0.1" port="${this.port}")
action(type="omfile" file="${folder}/plain" template="RSYSLOG_TraditionalFileFormat")
action(type="omfile" file="${folder}/full" template="RSYSLOG_SyslogProtocol23Format")
action(type="omfile" file="${folder}/fields" template="fields")
`
  }

  #listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1')
      const done = (listens: boolean): void => {
        socket.destroy()
        resolve(listens)
      }
      socket.once('connect', () => done(true))
      socket.once('error', () => done(false))
    })
  }

  /** As most installations write it, as RFC 5424 has it, or what it read in each field. */
  file(form: 'plain' | 'full' | 'fields'): string {
    return join(this.#folder, form)
  }

  lines(form: 'plain' | 'full' | 'fields'): string[] {
    const file = this.file(form)
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
  }

  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
