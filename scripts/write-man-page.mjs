// Writes packages/cli/man/truehop.1 from the definitions of the commands.
import './help.mjs'
import { mkdirSync, writeFileSync } from 'node:fs'
import { manPage } from '../packages/cli/dist/manual/man-page.js'
import { makeProgram } from '../packages/cli/dist/program/program.js'

const { stdin, stdout, stderr, env: environment } = process
const { signal } = new AbortController()
const terminal = { stdin, stdout, stderr, environment, signal }
mkdirSync(new URL('../packages/cli/man/', import.meta.url), { recursive: true })
const file = new URL('../packages/cli/man/truehop.1', import.meta.url)
writeFileSync(file, manPage(makeProgram({ terminal, end() {} })))
