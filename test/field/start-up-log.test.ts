import { truehop as expressTruehop } from '@truehop/express'
import { truehop as fastifyTruehop } from '@truehop/fastify'
import type { PolicyOptions } from '@truehop/identity'
import fastify from 'fastify'
import pino from 'pino'
import { describe, expect, test } from 'vitest'

/** Messages of level `warn` and above that a service writes while it starts. */
type Start = (policy: PolicyOptions) => Promise<string[]>

function stream(warned: string[]) {
  return {
    write(line: string): void {
      const { level, msg } = JSON.parse(line)
      if (level >= 40) warned.push(msg)
    },
  }
}

const onFastify: Start = async (policy) => {
  const warned: string[] = []
  const app = fastify({ logger: { stream: stream(warned) } })
  await app.register(fastifyTruehop, policy)
  await app.ready()
  await app.close()
  return warned
}

const onExpress: Start = async (policy) => {
  const warned: string[] = []
  expressTruehop({ ...policy, logger: pino({}, stream(warned)) })
  return warned
}

const HEADER = 'x-forwarded-for'

describe.each([
  ['Fastify', onFastify],
  ['Express', onExpress],
] as const)('a service on %s says when it starts', (_name, start) => {
  test.each([
    ['any peer', ['any']],
    ['everything as one prefix', ['0.0.0.0/0']],
    ['two halves', ['0.0.0.0/1', '128.0.0.0/1']],
    ['two halves of IPv6', ['::/1', '8000::/1']],
  ])('that its policy lets everybody forge: %s', async (_what, trust) => {
    const warned = await start({ trust, header: HEADER })
    expect(warned).toEqual([expect.stringMatching(/^hops\[0\]\.from: .*\[trusts-everyone\]$/)])
  })

  test('nothing of what is mere advice, or right', async () => {
    expect(await start({ trust: ['10.0.0.0/8'], header: HEADER })).toEqual([])
  })
})
