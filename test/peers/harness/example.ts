import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './folder.js'
import { freePort } from './ports.js'
import { type Service, startProgram } from './service.js'

/** Starts one of the programs of `examples/src`, as the build wrote it, on a port of 127.0.0.1. */
export async function startExample(name: string): Promise<Service & { readonly port: number }> {
  const port = await freePort()
  const program = await startProgram({
    path: process.execPath,
    args: [fileURLToPath(new URL(`../../../examples/dist/${name}.js`, import.meta.url))],
    env: { PORT: String(port) },
    readyPort: port,
    folder: temporaryFolder('example'),
  })
  return { ...program, port }
}
