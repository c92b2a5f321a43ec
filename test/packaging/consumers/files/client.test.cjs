const { truehop } = require('@truehop/express')
const { asClient, expectIdentity } = require('@truehop/testing')
const express = require('express')
const request = require('supertest')

test("a request as a client is that client's", async () => {
  const app = express()
  app.use(truehop({ trust: ['127.0.0.1'], header: 'x-forwarded-for' }))
  app.get('/', (req, res) => {
    expectIdentity(req, '192.0.2.7')
    res.send(req.clientIp)
  })
  const answer = await request(app).get('/').use(asClient('192.0.2.7'))
  if (answer.text !== '192.0.2.7') throw new Error(answer.text)
})
