import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { peerPath } from '../../peers/harness/peer.js'
import { type Service, startProgram } from '../../peers/harness/service.js'

export interface Configured {
  /** In test/peers/peers.json. */
  readonly program: string
  /** Files by name, in a folder of the run; `$FOLDER` in them is that folder. */
  readonly files: Readonly<Record<string, string>>
  /** Folders in it, which every user may write to: some programs serve as another user. */
  readonly folders?: readonly string[]
  /** Where it is to look: `$FOLDER` in it is that folder. */
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly readyPort: number
  readonly readyAnswers?: boolean
}

/** Starts a program from configuration files, which go with it when it is stopped. */
export async function startConfigured(
  configured: Configured,
): Promise<Service & { readonly folder: string }> {
  const { program, files, folders = [], args, env = {}, ...ready } = configured
  const folder = temporaryFolder(program)
  const inFolder = (text: string): string => text.replaceAll('$FOLDER', folder)
  chmodSync(folder, 0o755)
  for (const name of folders) {
    mkdirSync(join(folder, name), { recursive: true })
    chmodSync(join(folder, name), 0o777)
  }
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), inFolder(text))
  }
  const service = await startProgram({
    path: peerPath(program),
    args: args.map(inFolder),
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, inFolder(value)])),
    ...ready,
    folder,
  })
  return { ...service, folder }
}
