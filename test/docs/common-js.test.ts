import { expect, test } from 'vitest'
import { commonJsOf } from '../../site/markdown/common-js.js'

const WITHOUT = {
  'a part of a program': 'app.use(identity)',
  'what only modules know': "import { x } from 'y'\nx(import.meta.url)",
  types: "import type { X } from 'y'\nlet x: X",
  'exports by name': "import { x } from 'y'\nexport const a = x",
}

test.each(Object.entries(WITHOUT))('%s: there is no CommonJS form to show', (_name, text) => {
  expect(commonJsOf(text)).toBeUndefined()
})

test('imports become declarations, in all their forms', () => {
  const text = [
    "import express from 'express'",
    "import { a, b as c } from '@truehop/identity'",
    "import {\n  long,\n  longer,\n} from 'x'",
    "import * as net from 'node:net'",
    "import 'reflect-metadata'",
    'export default express()',
  ]
  expect(commonJsOf(text.join('\n'))).toBe(
    [
      "const express = require('express')",
      "const { a, b: c } = require('@truehop/identity')",
      "const {\n  long,\n  longer,\n} = require('x')",
      "const net = require('node:net')",
      "require('reflect-metadata')",
      'module.exports = express()',
    ].join('\n'),
  )
})

test('what awaits goes into a function, and a file has the name of its form', () => {
  const text =
    "// server.mjs\nimport Fastify from 'fastify'\n\nconst app = Fastify()\nawait app.ready()"
  expect(commonJsOf(text)).toBe(
    [
      '// server.cjs',
      "const Fastify = require('fastify')",
      '',
      'async function main() {',
      '  const app = Fastify()',
      '  await app.ready()',
      '}',
      '',
      'main()',
    ].join('\n'),
  )
})
