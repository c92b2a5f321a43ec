import { createServer } from 'node:http'
import { allowlist } from '@truehop/allowlist/express'
import { truehop } from '@truehop/express'
import { inspector } from '@truehop/inspector/express'
import { accessLog } from '@truehop/log/express'
import { rateLimit } from '@truehop/rate-limit/express'
import express from 'express'
import { pino } from 'pino'
import { ALLOW, type AppOptions, answerText, explainRequest, INSPECTOR, LIMIT } from './app.js'
import { Listening } from './listening.js'

/** The Express application, listening at each address. */
export async function startExpress(options: AppOptions): Promise<Listening> {
  const { listenAt, policy, sightings } = options
  const logger = pino({}, sightings)
  const identity = truehop({ policy, logger })
  const page = inspector({ allow: INSPECTOR.allow })
  const app = express()
  app.use((request, response, next) => {
    response.once('close', () => {
      sightings.answered(request.url, request.clientIdentity, explainRequest(policy, request))
    })
    next()
  })
  app.use(accessLog({ logger }))
  app.use(identity)
  app.use(INSPECTOR.prefix, page)
  app.use(allowlist({ allow: ALLOW }))
  app.use(rateLimit(LIMIT))
  app.get('/{*path}', (request, response) => {
    response.type('text').send(answerText(request.clientIp, explainRequest(policy, request)))
  })
  const { doors, close } = await Listening.at(listenAt, () => identity.attach(createServer(app)))
  return new Listening(doors, () => {
    page.close()
    return close()
  })
}
