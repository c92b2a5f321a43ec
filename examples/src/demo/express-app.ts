import { createServer } from 'node:http'
import { allowlist } from '@truehop/allowlist/express'
import { truehop } from '@truehop/express'
import { accessLog } from '@truehop/log/express'
import { rateLimit } from '@truehop/rate-limit/express'
import express from 'express'
import { pino } from 'pino'
import { ALLOW, type AppOptions, answerText, explainRequest, LIMIT } from './app.js'
import { Listening } from './listening.js'

/** The Express application, listening at each address. */
export async function startExpress(options: AppOptions): Promise<Listening> {
  const { listenAt, policy, sightings } = options
  const logger = pino({}, sightings)
  const identity = truehop({ policy, logger })
  const app = express()
  app.use((request, response, next) => {
    response.once('close', () => {
      sightings.answered(request.url, request.clientIdentity, explainRequest(policy, request))
    })
    next()
  })
  app.use(accessLog({ logger }))
  app.use(identity)
  app.use(allowlist({ allow: ALLOW }))
  app.use(rateLimit(LIMIT))
  app.get('/{*path}', (request, response) => {
    response.type('text').send(answerText(request.clientIp, explainRequest(policy, request)))
  })
  return Listening.at(listenAt, () => identity.attach(createServer(app)))
}
