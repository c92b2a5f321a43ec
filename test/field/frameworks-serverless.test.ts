import { createRequire } from 'node:module'
import { truehop as forExpress } from '@truehop/express'
import { truehop as forFastify, type TruehopOptions } from '@truehop/fastify'
import express from 'express'
import { fastify } from 'fastify'
import { describe, expect, test } from 'vitest'

/*
 * Who the client of an event is. The shapes of the events are those of the AWS Lambda developer
 * guide ("Using AWS Lambda with an Application Load Balancer", "Lambda proxy integrations in API
 * Gateway"); what Netlify hands a function is an event of version 1 without the address.
 */

type Handler = (event: object, context: object) => Promise<{ statusCode: number; body: string }>

const require = createRequire(import.meta.url)
const serverless: (app: unknown) => Handler = require('serverless-http')
const {
  configure,
}: { configure(options: { app: unknown }): Handler } = require('@codegenie/serverless-express')
const forLambda: (app: unknown) => Handler = require('@fastify/aws-lambda')

const CLIENT = '198.51.100.7'
const FORGED = '6.6.6.6'
const HEADERS = { host: 'app.example', 'x-forwarded-for': `${FORGED}, ${CLIENT}` }

const ALB = {
  requestContext: { elb: { targetGroupArn: 'arn' } },
  httpMethod: 'GET',
  path: '/',
  queryStringParameters: {},
  headers: HEADERS,
  body: '',
  isBase64Encoded: false,
}

const API_GATEWAY = {
  resource: '/',
  path: '/',
  httpMethod: 'GET',
  headers: HEADERS,
  multiValueHeaders: { host: ['app.example'], 'x-forwarded-for': [HEADERS['x-forwarded-for']] },
  queryStringParameters: null,
  requestContext: { resourcePath: '/', stage: 'live', identity: { sourceIp: CLIENT } },
  body: null,
  isBase64Encoded: false,
}

const NETLIFY = {
  path: '/',
  httpMethod: 'GET',
  headers: { ...HEADERS, 'x-nf-client-connection-ip': CLIENT },
  queryStringParameters: {},
  body: '',
  isBase64Encoded: false,
}

async function expressApp(options: TruehopOptions) {
  const app = express()
  app.use(forExpress({ ...options, logger: { warn: () => {} } }))
  app.get('/', ({ ip, clientIp, clientIdentity: { reason, peer } }, response) => {
    response.json({ ip, clientIp, reason, peer })
  })
  return app
}

async function fastifyApp(options: TruehopOptions) {
  const app = fastify()
  await app.register(forFastify, options)
  app.get('/', async ({ ip, clientIp, clientIdentity: { reason, peer } }) => ({
    ip,
    clientIp,
    reason,
    peer,
  }))
  return app
}

const ADAPTERS: Record<string, (options: TruehopOptions) => Promise<Handler>> = {
  'serverless-http with Express': async (options) => serverless(await expressApp(options)),
  '@codegenie/serverless-express': async (options) => configure({ app: await expressApp(options) }),
  '@fastify/aws-lambda': async (options) => forLambda(await fastifyApp(options)),
  'serverless-http with Fastify': async (options) => {
    const app = await fastifyApp(options)
    await app.ready()
    return serverless(app)
  },
}

/** These hand events on by `app.inject()`. */
const INJECTING = ['@fastify/aws-lambda', 'serverless-http with Fastify']

async function answerTo(handler: Handler, event: object) {
  const context = { callbackWaitsForEmptyEventLoop: true, getRemainingTimeInMillis: () => 1000 }
  const { statusCode, body } = await handler(event, context)
  return { status: statusCode, ...JSON.parse(body) }
}

describe.each(Object.entries(ADAPTERS))('%s', (name, adapter) => {
  const EVENT_XFF = { trust: ['event'], header: 'x-forwarded-for' }

  test('the client of an event is the one that the rule of events names', async () => {
    const handler = await adapter(EVENT_XFF)
    const seen = { status: 200, ip: CLIENT, clientIp: CLIENT, peer: 'event' }
    expect(await answerTo(handler, ALB)).toMatchObject(seen)
    expect(await answerTo(handler, API_GATEWAY)).toMatchObject(seen)
  })

  test('a header of one address does as well', async () => {
    const handler = await adapter({ trust: ['event'], header: 'x-nf-client-connection-ip' })
    // @codegenie/serverless-express knows no event of this shape.
    const event = name.startsWith('@codegenie') ? { ...ALB, headers: NETLIFY.headers } : NETLIFY
    expect(await answerTo(handler, event)).toMatchObject({ status: 200, ip: CLIENT })
  })

  test('nobody is named where the header is missing', async () => {
    const handler = await adapter({ ...EVENT_XFF, onUndetermined: 'continue' })
    expect(await answerTo(handler, { ...ALB, headers: { host: 'app.example' } })).toMatchObject({
      ip: 'unknown',
      reason: 'event-asserts-nothing',
    })
  })

  test("'any' is about peers, and trusts no event", async () => {
    const handler = await adapter({
      trust: ['any'],
      header: 'x-real-ip',
      onUndetermined: 'continue',
    })
    const { ip } = await answerTo(handler, { ...ALB, headers: { ...HEADERS, 'x-real-ip': FORGED } })
    // inject() names 127.0.0.1 where nobody does, which is a peer of `any`.
    expect(ip).toBe(INJECTING.includes(name) ? FORGED : 'unknown')
  })

  test('without a rule of events the adapter may name the peer', async () => {
    const handler = await adapter({ hops: [] })
    const peer = name === 'serverless-http with Fastify' ? '127.0.0.1' : CLIENT
    expect(await answerTo(handler, API_GATEWAY)).toMatchObject({ ip: peer, peer })
  })
})
