import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { encode } from '@truehop/proxy-protocol'

/** A line for curl, as far as the README uses it. */
export interface CurlLine {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly proxyHeader: boolean
}

/** Throws for an option that this reader does not know: a README must not outgrow its test. */
export function parseCurlLine(line: string): CurlLine {
  const [command, ...words] = line.match(/'[^']*'|\S+/g) ?? []
  if (command !== 'curl') throw new Error(`no line for curl: ${line}`)
  const headers: Record<string, string> = {}
  let url: URL | undefined
  let proxyHeader = false
  while (words.length > 0) {
    const word = words.shift() ?? ''
    if (word === '-H') Object.assign(headers, headerOf(words.shift() ?? ''))
    else if (word === '--haproxy-protocol') proxyHeader = true
    else if (word.startsWith('http')) url = new URL(word)
    else throw new Error(`unknown option ${word} in ${line}`)
  }
  if (url === undefined) throw new Error(`no URL in ${line}`)
  return { url, headers, proxyHeader }
}

function headerOf(quoted: string): Record<string, string> {
  const [name = '', value = ''] = quoted.slice(1, -1).split(': ')
  return { [name]: value }
}

/** What curl would print: the body, or its message for a connection closed without an answer. */
export async function runCurlLine({ url, headers, proxyHeader }: CurlLine): Promise<string> {
  const asked = request(url, {
    headers: { connection: 'close', ...headers },
    timeout: 10_000,
    createConnection: () => {
      const socket = connect(Number(url.port), url.hostname)
      if (proxyHeader) socket.write(PROXY_HEADER)
      return socket
    },
  })
  asked.end()
  try {
    const [answer]: IncomingMessage[] = await once(asked, 'response')
    return answer === undefined ? '' : await text(answer)
  } catch (error) {
    if ((error as { code?: string }).code !== 'ECONNRESET') throw error
    return 'curl: (52) Empty reply from server'
  }
}

/** As curl writes it for a connection over loopback. */
const PROXY_HEADER = encode({
  version: 1,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: '127.0.0.1', port: 51_442 },
  destination: { address: '127.0.0.1', port: 3000 },
})
