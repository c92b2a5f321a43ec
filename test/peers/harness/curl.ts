import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { certificate } from './certificate.js'
import { peerPath } from './peer.js'

export interface CurlOptions {
  /** Source address of the connection: any of 127.0.0.0/8 works on Linux. */
  readonly from?: string
  /** Header lines as they are sent, e.g. `X-Forwarded-For: 192.0.2.1`. */
  readonly headers?: readonly string[]
  /** `--haproxy-protocol`: a PROXY v1 header, with this connection's own addresses, comes first. */
  readonly haproxyProtocol?: boolean
}

export interface CurlResponse {
  readonly status: number
  readonly body: string
}

const run = promisify(execFile)

/** One request by curl, 10 s at most. Rejects with what curl says when no response arrives. */
export async function curl(url: string, options: CurlOptions = {}): Promise<CurlResponse> {
  const args = ['--silent', '--show-error', '--max-time', '10', '--write-out', '\n%{http_code}']
  if (options.from !== undefined) args.push('--interface', options.from)
  if (options.haproxyProtocol === true) args.push('--haproxy-protocol')
  if (url.startsWith('https:')) args.push('--cacert', certificate().certFile)
  for (const line of options.headers ?? []) args.push('--header', line)
  const { stdout } = await run(peerPath('curl'), [...args, url])
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) }
}
