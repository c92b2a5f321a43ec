import type { Platform } from '../platform.js'

export const awsLambda: Platform = {
  id: 'aws-lambda',
  name: 'AWS Lambda',
  peer: 'no TCP peer: the adapter invents one (@fastify/aws-lambda -> light-my-request remoteAddress = requestContext sourceIp, 127.0.0.1 when absent; serverless-http sets socket.remoteAddress; serverless-express likewise). Lambda Web Adapter: 127.0.0.1',
  peers: ['event', 'loopback'],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto', 'port'] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'as the trigger wrote it (API Gateway, ALB, Function URL)',
      form: '',
      note: 'ALB events carry no sourceIp',
    },
  ],
  scheme: 'as the trigger',
  clientCanInfluence: 'X-Forwarded-For left of what the trigger appended',
  closesDirectAccess: 'Only the trigger can call a function; a function URL is such a trigger.',
  proxyProtocol: 'no',
  healthChecks: 'none',
  sources: [
    {
      what: '@fastify/aws-lambda index.js, serverless-http lib/request.js, light-my-request lib/request.js (npm)',
      confidence: 'source code',
      read: '2026-11-30',
    },
    { what: 'jeremydaly/lambda-api#85', confidence: 'stated by maintainer', read: '2026-11-30' },
  ],
}
