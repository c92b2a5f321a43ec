import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../peers/harness/ports.js'
import { RedisServer } from './redis-server.js'

const SLOTS = 16_384

/** A Redis cluster of three masters, each with a third of the slots, that lives on when one dies. */
export class RedisCluster {
  readonly nodes: readonly RedisServer[]

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes
  }

  static async start(): Promise<RedisCluster> {
    const settings = {
      'cluster-enabled': 'yes',
      'cluster-announce-ip': '127.0.0.1',
      'cluster-require-full-coverage': 'no',
      'cluster-node-timeout': '2000',
    }
    // A bus of its own: the usual one, 10000 above the port, may be somebody else's.
    const buses = [await freePort(), await freePort(), await freePort()]
    const nodes = await Promise.all(
      buses.map((bus) => RedisServer.start({ ...settings, 'cluster-port': String(bus) })),
    )
    const cluster = new RedisCluster(nodes)
    for (const [i, node] of nodes.entries()) {
      const [first, last] = [Math.floor((i * SLOTS) / 3), Math.floor(((i + 1) * SLOTS) / 3) - 1]
      await node.command(`CLUSTER ADDSLOTSRANGE ${first} ${last}`)
      await node.command(`CLUSTER SET-CONFIG-EPOCH ${i + 1}`)
    }
    for (const [i, node] of nodes.entries()) {
      await nodes[0]?.command(`CLUSTER MEET 127.0.0.1 ${node.port} ${buses[i]}`)
    }
    await cluster.#settled()
    return cluster
  }

  get port(): number {
    return this.nodes[0]?.port ?? 0
  }

  /** The server that has a slot, as the slots were given out at start. */
  nodeOf(slot: number): RedisServer | undefined {
    return this.nodes.find((_node, i) => slot < Math.floor(((i + 1) * SLOTS) / 3))
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
  }

  async #settled(): Promise<void> {
    for (let tries = 0; tries < 400; tries++) {
      const infos = await Promise.all(this.nodes.map((node) => node.command('CLUSTER INFO')))
      const isWhole = (info: string) =>
        info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')
      if (infos.every(isWhole)) return
      await sleep(50)
    }
    throw new Error('the cluster does not come up')
  }
}

/** Moves a slot with its keys, as `redis-cli --cluster reshard` does. */
export async function moveSlot(cluster: RedisCluster, slot: number): Promise<void> {
  const from = cluster.nodeOf(slot)
  const to = cluster.nodes.find((node) => node !== from)
  if (from === undefined || to === undefined) throw new Error('no nodes to move between')
  const idOf = async (node: typeof from) => (await node.command('CLUSTER MYID')).split('\r\n')[1]
  const [source, target] = [await idOf(from), await idOf(to)]
  await to.command(`CLUSTER SETSLOT ${slot} IMPORTING ${source}`)
  await from.command(`CLUSTER SETSLOT ${slot} MIGRATING ${target}`)
  const reply = await from.command(`CLUSTER GETKEYSINSLOT ${slot} 100`)
  const keys = reply.split('\r\n').filter((line) => line.startsWith('truehop:'))
  for (const key of keys) await from.command(`MIGRATE 127.0.0.1 ${to.port} ${key} 0 5000`)
  for (const node of [to, from]) await node.command(`CLUSTER SETSLOT ${slot} NODE ${target}`)
}
