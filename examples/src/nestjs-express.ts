/*
 * client ──> load balancer ──PROXY protocol──> Nest on Express
 *
 * Before `listen`: the middleware for the requests, and the server for their connections.
 */
import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { truehop } from '@truehop/express'
import { listenAddress } from './listen-address.js'
import { WhoModule } from './nestjs-module.js'

const app = await NestFactory.create(WhoModule, new ExpressAdapter())

const identity = truehop({
  hops: [{ name: 'load-balancer', from: ['loopback'], asserts: 'proxy-protocol' }],
})
app.use(identity)
identity.attach(app.getHttpServer())

await app.listen(listenAddress.port, listenAddress.host)
