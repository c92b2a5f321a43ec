/*
 * this service ──what it knows of the client, as JSON──> a worker thread
 *
 * An identity is an object with methods, of which postMessage copies nothing. Its JSON has the
 * client, the reason and the nodes; the thread needs no policy and decides nothing anew.
 */
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { truehop } from '@truehop/fastify'
import Fastify from 'fastify'
import { listenAddress } from './listen-address.js'

/** What the thread is given. */
interface Job {
  readonly client: { readonly status: string; readonly ip?: string; readonly reason: string }
}

if (isMainThread) {
  const app = Fastify({ logger: true })
  await app.register(truehop, { trust: ['127.0.0.1'], header: 'x-forwarded-for' })
  app.get('/', async ({ clientIdentity }) => {
    const thread = new Worker(new URL(import.meta.url))
    thread.postMessage({ client: JSON.parse(JSON.stringify(clientIdentity)) })
    const [answer] = await once(thread, 'message')
    await thread.terminate()
    return answer
  })
  await app.listen(listenAddress)
} else {
  parentPort?.once('message', ({ client }: Job) => {
    parentPort?.postMessage({ client: client.ip, why: client.reason, by: 'thread' })
  })
}
