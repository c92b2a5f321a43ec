import { once } from 'node:events'
import { truehop as forExpress } from '@truehop/express'
import { truehop as forFastify } from '@truehop/fastify'
import express, { type Express } from 'express'
import { fastify } from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { close, portOf } from '../edges/app.js'
import { ask } from '../edges/client.js'

/*
 * Express 5 API, req.ips: "client, proxy1, proxy2", the furthest downstream last, without the
 * socket. Fastify, Request: "ips - an array of the IP addresses, ordered from closest to furthest".
 * Both of `trust proxy` are what the two frameworks say themselves.
 */

const PROXIES = ['127.0.0.0/8', '10.0.0.0/8']
const XFF = { trust: PROXIES, header: 'x-forwarded-for' }

const LISTS = [
  undefined,
  '198.51.100.7',
  '198.51.100.7, 10.0.0.2',
  '6.6.6.6, 198.51.100.7',
  '10.0.0.3',
]

const ways = { from: '127.0.0.3' }
const headersOf = (list: string | undefined) =>
  list === undefined ? {} : { 'x-forwarded-for': list }

async function ofExpress(app: Express, list: string | undefined): Promise<unknown> {
  app.get('/', (request, response) => void response.json(request.ips))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => close(server))
  return JSON.parse(
    (await ask({ port: portOf(server), ...ways }, { headers: headersOf(list) })).body,
  )
}

async function ofFastify(theirs: boolean, list: string | undefined): Promise<unknown> {
  const app = fastify(theirs ? { trustProxy: PROXIES } : {})
  onTestFinished(() => app.close())
  if (!theirs) await app.register(forFastify, { ...XFF, onUndetermined: 'continue' })
  app.get('/', async ({ ips }) => ips)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { body } = await ask({ port: portOf(app.server), ...ways }, { headers: headersOf(list) })
  return JSON.parse(body)
}

const truehopped = () => express().use(forExpress({ ...XFF, onUndetermined: 'continue' }))

describe('the list of addresses', () => {
  test.each(LISTS)('of Express for %s is what trust proxy says', async (list) => {
    const theirs = await ofExpress(express().set('trust proxy', PROXIES), list)
    expect(await ofExpress(truehopped(), list)).toEqual(theirs)
  })

  test.each(LISTS)('of Fastify for %s is what trustProxy says', async (list) => {
    expect(await ofFastify(false, list)).toEqual(await ofFastify(true, list))
  })

  test('is empty where nobody can be named, and never a proxy', async () => {
    expect(await ofExpress(truehopped(), 'nobody, 10.0.0.2')).toEqual([])
    expect(await ofFastify(false, 'nobody, 10.0.0.2')).toEqual([])
  })

  test('of Express is no leftmost entry where trust proxy is set late', async () => {
    const app = truehopped().set('trust proxy', false)
    app.use((_request, _response, next) => {
      app.set('trust proxy', true)
      next()
    })
    const list = '6.6.6.6, 198.51.100.7'
    expect(await ofExpress(app, list)).toEqual(['198.51.100.7'])
  })
})
