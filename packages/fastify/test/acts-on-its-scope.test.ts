import fastify from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { expect, test } from 'vitest'
import truehop from '../src/index.js'

const marksOf = (plugin: object) =>
  Object.getOwnPropertySymbols(plugin).map((symbol) => [symbol, Reflect.get(plugin, symbol)])

test('the plugin is marked as fastify-plugin marks plugins', () => {
  const theirs = fastifyPlugin(async () => {}, { fastify: '5.x', name: '@truehop/fastify' })
  expect(marksOf(truehop)).toEqual(marksOf(theirs))
  expect(marksOf(truehop)).toHaveLength(3)
})

test('what it adds is there outside of it, and it is listed under its name', async () => {
  const app = fastify()
  await app.register(truehop, { hops: [] })
  expect(app.hasRequestDecorator('clientIp')).toBe(true)
  expect(app.hasPlugin('@truehop/fastify')).toBe(true)
  expect(app.printPlugins()).toContain('@truehop/fastify')
})
