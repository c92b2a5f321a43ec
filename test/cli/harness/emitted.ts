import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { truehop } from '../../../packages/cli/test/command-line.js'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { startNginx } from '../../peers/harness/nginx.js'
import { peerPath } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'
import { type Service, startProgram } from '../../peers/harness/service.js'

/** A program that runs what `truehop pair` printed. */
export interface Emitted extends Service {
  /** Where clients connect. */
  readonly url: string
  /** What was printed. */
  readonly text: string
}

type Start = (text: string, port: number) => Promise<Service>

const STARTS: Readonly<Record<string, { readonly start: Start; readonly tls?: true }>> = {
  haproxy: {
    start: (text, port) => started('haproxy', port, text, (file) => ['-db', '-f', file]),
  },
  nginx: {
    // The rest of the file is the harness's.
    start: (text) => {
      const [, section = '', inside = ''] = /^(http|stream) \{\n([\s\S]*)\}\n$/.exec(text) ?? []
      return startNginx({ [section]: inside })
    },
  },
}

/** Has the configuration printed for a policy file, and starts the program with it. */
export async function startEmitted(
  target: string,
  policyFile: string,
  upstream: number,
): Promise<Emitted> {
  const port = await freePort()
  const args = ['pair', '--policy', policyFile, '--target', target]
  const ends = ['--listen', `127.0.0.1:${port}`, '--upstream', `127.0.0.1:${upstream}`]
  const { code, out, err } = await truehop([...args, ...ends])
  if (code !== 0) throw new Error(err)
  const entry = STARTS[target]
  if (entry === undefined) throw new Error(`no way to start ${target}`)
  const service = await entry.start(out, port)
  const scheme = entry.tls === true ? 'https' : 'http'
  return { ...service, url: `${scheme}://127.0.0.1:${port}/`, text: out }
}

async function started(
  name: string,
  readyPort: number,
  text: string,
  args: (file: string, folder: string) => readonly string[],
): Promise<Service> {
  const folder = temporaryFolder(name)
  // Some serve as another user.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'work'))
  const file = join(folder, 'configuration')
  writeFileSync(file, text)
  return startProgram({
    path: peerPath(name),
    args: args(file, folder),
    env: { HOME: folder },
    readyPort,
    folder,
  })
}
