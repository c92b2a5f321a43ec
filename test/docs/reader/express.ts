import { allowlist } from '@truehop/allowlist/express'
import { truehop } from '@truehop/express'
import { definePolicy, providers } from '@truehop/identity'
import { rateLimit } from '@truehop/rate-limit/express'
import express, { type Request, type RequestHandler } from 'express'
import { rateLimit as expressRateLimit } from 'express-rate-limit'
import { pino } from 'pino'

/** What a reader has at hand where a page shows a part of a program on Express. */
export function atHand() {
  const app = express()
  const answer: RequestHandler = (_request, response) => {
    response.end('answer')
  }
  const logger = pino({ level: 'silent' })
  return {
    express,
    app,
    truehop,
    allowlist,
    rateLimit,
    expressRateLimit,
    providers,
    policy: definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }),
    admin: answer,
    login: answer,
    accountOf: (request: Request) => request.get('x-account'),
    AppModule: class {},
    log: logger,
    logger,
    pino,
  }
}
