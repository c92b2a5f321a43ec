import { once } from 'node:events'
import { connect } from 'node:net'

/** A connection on which lines are said and heard. */
export interface LineClient {
  say(line: string): void
  /** Sends text that ends no line. */
  send(text: string): void
  /** The next line, without its end. Throws when the connection ends before it. */
  hear(): Promise<string>
  end(): void
}

/** Connects to 127.0.0.1:`port` from any address of 127.0.0.0/8. */
export async function lineClient(port: number, from: string): Promise<LineClient> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from })
  socket.setEncoding('latin1')
  await once(socket, 'connect')
  const chunks = socket.iterator()
  let heard = ''
  return {
    say: (line) => socket.write(`${line}\r\n`, 'latin1'),
    send: (text) => socket.write(text, 'latin1'),
    async hear() {
      while (!heard.includes('\r\n')) {
        const { done, value } = await chunks.next()
        if (done === true) throw new Error(`ended after ${JSON.stringify(heard)}`)
        heard += value
      }
      const end = heard.indexOf('\r\n')
      const line = heard.slice(0, end)
      heard = heard.slice(end + 2)
      return line
    },
    end: () => socket.destroy(),
  }
}
