import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { encode, LOCAL_HEADER } from '@truehop/proxy-protocol'
import { freePort } from '../peers/harness/ports.js'
import type { Service } from '../peers/harness/service.js'

const program = fileURLToPath(new URL('../../examples/dist/datagram.js', import.meta.url))

/** Starts the example for datagrams on a UDP port of 127.0.0.1 that nobody else is given. */
export async function startDatagrams(): Promise<Service & { readonly port: number }> {
  const port = await freePort()
  const env = { ...process.env, PORT: String(port) }
  const child = spawn(process.execPath, [program], { env, stdio: 'ignore' })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill()
    await exited
  }
  if (await isAnswering(port)) return { port, stop }
  await stop()
  throw new Error(`nothing answered on UDP port ${port} within 10 s`)
}

/** UDP has no connect, so it is asked until it answers. */
async function isAnswering(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  let answers = 0
  socket.on('message', () => answers++)
  socket.on('error', () => {})
  for (let tries = 0; tries < 500 && answers === 0; tries++) {
    socket.send(encode(LOCAL_HEADER), port, '127.0.0.1')
    await delay(20)
  }
  socket.close()
  return answers > 0
}
