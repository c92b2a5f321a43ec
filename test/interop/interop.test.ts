import { afterAll } from 'vitest'
import { describeDoctor } from './harness/examining.js'
import type { Receiver } from './harness/peer.js'
import { describeReceiving, type Receiving } from './harness/receiving.js'
import { type Cell, isLong } from './harness/results.js'
import { describeSending } from './harness/sending.js'
import { startUpstreams, type Upstreams } from './harness/upstreams.js'
import { writeDown } from './harness/write-down.js'
import { PEERS } from './peers/index.js'

const cells: Cell[] = []
const record = (cell: Cell): void => {
  cells.push(cell)
}

const peers = PEERS.filter(({ onlyIn }) => isLong || onlyIn === undefined)

let upstreams: Promise<Upstreams> | undefined
const started: Promise<Receiver>[] = []

/** Each receiver is started when it is first asked for, and serves the doctor too. */
const receivings = peers.flatMap((peer): Receiving[] => {
  const { receives } = peer
  if (receives === undefined) return []
  let running: Promise<Receiver> | undefined
  const start = async (): Promise<Receiver> => {
    upstreams ??= startUpstreams()
    return receives.start({ echo: await upstreams })
  }
  const receiver = (): Promise<Receiver> => {
    if (running === undefined) {
      running = start()
      started.push(running)
    }
    return running
  }
  return [{ peer, receives, receiver }]
})

afterAll(async () => {
  for (const receiver of started) await receiver.then(({ stop }) => stop()).catch(() => {})
  await (await upstreams)?.stop()
  if (isLong) writeDown(cells)
})

for (const receiving of receivings) describeReceiving(receiving, record)
for (const peer of peers) describeSending(peer, record)
describeDoctor(receivings, record)
