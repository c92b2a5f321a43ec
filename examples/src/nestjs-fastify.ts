/*
 * client ──> load balancer ──PROXY protocol──> Nest on Fastify
 *
 * The plugin sees every address that Nest listens on: it needs nothing but to be registered.
 */
import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { truehop } from '@truehop/fastify'
import { listenAddress } from './listen-address.js'
import { WhoModule } from './nestjs-module.js'

const app = await NestFactory.create<NestFastifyApplication>(WhoModule, new FastifyAdapter())

await app.register(truehop, {
  hops: [{ name: 'load-balancer', from: ['loopback'], asserts: 'proxy-protocol' }],
})

await app.listen(listenAddress.port, listenAddress.host)
