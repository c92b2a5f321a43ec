import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { peerPath } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'
import { type Service, startProgram } from '../../peers/harness/service.js'

export interface Varnish extends Service {
  /** A listener of the kind PROXY. */
  readonly proxied: number
  readonly plain: number
}

/** Starts Varnish, which names the client in the body of its answers. */
export async function startVarnish(): Promise<Varnish> {
  const [proxied, plain] = [await freePort(), await freePort()]
  const folder = temporaryFolder('varnish')
  chmodSync(folder, 0o755)
  const file = join(folder, 'names.vcl')
  writeFileSync(file, NAMES_THE_CLIENT)
  const listeners = ['-a', `127.0.0.1:${plain},HTTP`, '-a', `127.0.0.1:${proxied},PROXY`]
  const small = ['-s', 'malloc,10m', '-p', 'thread_pools=1', '-p', 'thread_pool_min=10']
  const args = ['-F', '-j', 'none', '-n', join(folder, 'work'), '-f', file, ...listeners, ...small]
  const program = await startProgram({
    path: peerPath('varnish'),
    args,
    readyPort: plain,
    folder,
  })
  return { ...program, proxied, plain }
}

const NAMES_THE_CLIENT = `vcl 4.1;
backend none none;
sub vcl_recv { return (synth(200)); }
sub vcl_synth {
  set resp.http.Content-Type = "text/plain";
  set resp.body = "client " + client.ip;
  return (deliver);
}
`
