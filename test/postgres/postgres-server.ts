import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../peers/harness/ports.js'

/** Where Debian keeps the programs of its newest Postgres. */
const ROOT = '/usr/lib/postgresql'

export function postgresPrograms(): string | undefined {
  if (!existsSync(ROOT)) return undefined
  const newest = readdirSync(ROOT).toSorted((a, b) => Number(b) - Number(a))[0]
  return newest === undefined ? undefined : join(ROOT, newest, 'bin')
}

/** A server of its own on the loopback. Postgres refuses to run as root: then it runs as `postgres`. */
export class PostgresServer {
  readonly #process: ChildProcess
  readonly #folder: string
  readonly pool: pg.Pool

  private constructor(child: ChildProcess, folder: string, pool: pg.Pool) {
    this.#process = child
    this.#folder = folder
    this.pool = pool
  }

  static async start(programs: string): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'truehop-postgres-'))
    const ids = owner()
    if (ids !== undefined) chownSync(folder, ids.uid, ids.gid)
    const data = join(folder, 'data')
    const options = { cwd: folder, stdio: 'ignore', ...ids } as const
    const auth = ['--auth=trust', '--username=test', '--no-sync']
    execFileSync(join(programs, 'initdb'), ['-D', data, ...auth], options)
    const port = await freePort()
    const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-k', folder]
    const child = spawn(
      join(programs, 'postgres'),
      ['-D', data, '-p', `${port}`, ...settings],
      options,
    )
    const pool = new pg.Pool({
      host: '127.0.0.1',
      port,
      user: 'test',
      database: 'postgres',
      max: 10,
    })
    pool.on('error', () => {})
    for (let tries = 0; ; tries++) {
      try {
        await pool.query('SELECT 1')
        return new PostgresServer(child, folder, pool)
      } catch (error) {
        if (tries > 200) throw error
        await sleep(50)
      }
    }
  }

  async stop(): Promise<void> {
    await this.pool.end()
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGINT')
    await ended
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function owner(): { readonly uid: number; readonly gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
