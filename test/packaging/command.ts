import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const windows = process.platform === 'win32'

/**
 * Runs a command without standard input, eight minutes at most, and returns its standard output.
 * Throws with everything it printed when it fails.
 */
export function output(command: string, args: readonly string[], cwd = root): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, shell: windows, timeout: 480_000, maxBuffer: 64 * 1024 * 1024 }
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${command} ${args.join(' ')}\n${error.message}\n${stdout}${stderr}`))
    })
    child.stdin?.end()
  })
}
