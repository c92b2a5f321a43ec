import { output } from './command.js'

/** The oldest Node that is supported, and the newest of each line after it. */
export const NODE_VERSIONS = ['20.19.0', '22', '24', '26'] as const

/** The path of a Node of another version, which the package manager brings as a package of its own. */
export async function nodePath(version: string): Promise<string> {
  const print = ['--yes', '--package', `node@${version}`, 'node', '--print', 'process.execPath']
  return (await output('npx', print)).trim()
}
