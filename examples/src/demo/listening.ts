import { once } from 'node:events'
import { type AddressInfo, isIPv6, type Server, type Socket } from 'node:net'

/** A place to connect to. */
export interface Door {
  readonly address: string
  readonly port: number
}

/** Something that listens: at one address, or at one of each family. */
export class Listening {
  readonly doors: readonly Door[]
  readonly close: () => Promise<void>

  constructor(doors: readonly Door[], close: () => Promise<void>) {
    this.doors = doors
    this.close = close
  }

  /** One server for each address, on free ports. */
  static async at(addresses: readonly string[], createServer: () => Server): Promise<Listening> {
    const opened = await Promise.all(addresses.map((address) => open(createServer(), address)))
    const close = async () => {
      await Promise.all(opened.map((server) => server.close()))
    }
    return new Listening(
      opened.map(({ door }) => door),
      close,
    )
  }

  /** The listening address for a peer with this address: one of the same family. */
  facing(from: string): Door {
    const door = this.doors.find(({ address }) => isIPv6(address) === isIPv6(from))
    if (door === undefined) throw new Error(`nothing listens where ${from} could connect`)
    return door
  }
}

/** `127.0.0.40:8080`, `[::1]:8080` */
export function doorText({ address, port }: Door): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`
}

async function open(server: Server, address: string) {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await once(server.listen(0, address), 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { door: { address, port }, close }
}
