import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Cell } from './cells.js'
import { type Asked, askAs } from './client.js'
import { serviceOf } from './service.js'

export interface CellResult {
  /** Answers that named somebody else than the client, or nobody. */
  readonly wrong: readonly string[]
  readonly answers: number
  /** Callbacks that were answered at the cell's place. */
  readonly callbacks: number
  readonly resumed: number
}

/** Runs one cell with so many clients at a time, each of which comes back once. */
export async function runCell(cell: Cell, clients: number, pem: Buffer): Promise<CellResult> {
  const { server, answering, resumed } = serviceOf(cell, pem)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const wrong: string[] = []
  let answers = 0
  const check = async (address: string, session?: Buffer): Promise<Asked> => {
    const asked = await askAs(address, port, cell, pem, session)
    answers++
    if (asked.answer !== address) wrong.push(`${address} is told to be ${asked.answer}`)
    return asked
  }
  const visit = async (address: string): Promise<void> => {
    const { session } = await check(address)
    await check(address, session)
  }
  try {
    await Promise.all(Array.from({ length: clients }, (_, i) => visit(addressOf(i))))
  } finally {
    server.close()
    answering.close()
  }
  return { wrong, answers, callbacks: answering.count, resumed: resumed() }
}

function addressOf(client: number): string {
  return `203.0.113.${client + 1}`
}
