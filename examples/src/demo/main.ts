/**
 * `npm start`: a Fastify and an Express application behind relays and edges, requests through every
 * path, and what everybody made of them. `--serve` keeps it running, with lines for curl.
 */
import { runDemo } from './demo.js'

const args = process.argv.slice(2)
const unknown = args.find((arg) => arg !== '--serve')
if (unknown !== undefined) {
  console.error(
    `${unknown}: there is no such option; write --serve to keep the demonstration running`,
  )
  process.exitCode = 2
} else {
  process.exitCode = await runDemo({ serve: args.includes('--serve') })
}
