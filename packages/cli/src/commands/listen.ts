import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { type Credentials, selfSigned } from '../listen/certificate.js'
import { firstBytesServer } from '../listen/first-bytes-server.js'
import {
  type Place,
  placeText,
  readPlace,
  sayWhenFull,
  startListening,
  untilEnded,
} from '../listen/listening.js'
import { furtherJson, printFurther, printSeen, seenJson } from '../listen/print-seen.js'
import { recordTo } from '../listen/record.js'
import { printJsonLine, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { wholeNumber } from '../program/option-values.js'
import { messageOf, UsageError } from '../program/usage-error.js'

interface Options {
  readonly host: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly count?: number
  readonly maxBytes: number
  readonly maxConnections: number
  readonly timeout: number
  readonly record?: string
  readonly json?: true
}

/** `truehop listen PORT` */
export const listen: AddCommand = (program, run) => {
  const command = program
    .command('listen')
    .description(
      'Dissect and print the first bytes of each connection: PROXY headers with every TLV, the TLS ClientHello, the HTTP request, also inside TLS. HTTP/1 and HTTP/2 are answered with 200.',
    )
    .argument('<port>', 'PORT or HOST:PORT; 0 takes a free port')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option(
      '--tls-cert <file>',
      'certificate to answer TLS with, PEM; by default one made for this run',
    )
    .option('--tls-key <file>', 'its private key, PEM')
    .option('--count <n>', 'end after n connections', wholeNumber(1, 1_000_000_000))
    .option(
      '--max-bytes <n>',
      'bytes to look at in a connection, and again in what is inside TLS',
      wholeNumber(16, 1_048_576),
      131_072,
    )
    .option('--max-connections <n>', 'simultaneous connections', wholeNumber(1, 10_000), 64)
    .option(
      '--timeout <ms>',
      'how long to wait for the first bytes',
      wholeNumber(100, 600_000),
      10_000,
    )
    .option(
      '--record <file>',
      'append everything that names a client to a file, for suggest and explain',
    )
    .option(
      '--json',
      'one JSON object a line for each connection, and each further request of HTTP/2',
    )
    .action((port: string, options: Options) => serve(port, options, run.terminal))
  withExamples(command, [
    { line: 'truehop listen 8080', does: 'see what a load balancer really sends' },
    {
      line: 'truehop listen --json --count 1 8080',
      does: 'one connection as JSON; meanwhile: curl -k --haproxy-protocol https://127.0.0.1:8080/',
    },
    {
      line: 'truehop listen --record seen.jsonl 0.0.0.0:8080',
      does: 'record requests in place of the service, for truehop suggest',
    },
    {
      line: 'truehop listen --tls-cert server.pem --tls-key server.key 8443',
      does: 'for a load balancer that checks the certificate',
    },
  ])
}

async function serve(port: string, options: Options, terminal: Terminal): Promise<void> {
  const place = readPlace(port, options.host)
  const settings = { ...options, credentials: credentialsFor(place, options) }
  let left = options.count ?? Number.POSITIVE_INFINITY
  let onEnough = (): void => {}
  const enough = new Promise<void>((resolve) => {
    onEnough = resolve
  })
  const record = options.record === undefined ? undefined : recordTo(options.record)
  const { server, close } = firstBytesServer(settings, (seen) => {
    if (left <= 0) return () => {}
    left--
    record?.connection(seen)
    if (options.json === true) printJsonLine(terminal, { time: now(), ...seenJson(seen) })
    else printSeen(terminal, now(), seen)
    if (left <= 0) onEnough()
    return (request) => {
      record?.further(seen, request)
      if (options.json === true)
        printJsonLine(terminal, { time: now(), ...furtherJson(seen, request) })
      else printFurther(terminal, now(), seen, request)
    }
  })
  sayWhenFull(server, options.maxConnections, terminal)
  const at = await startListening(server, place)
  terminal.stderr.write(`listening on ${placeText(at)}\n`)
  await untilEnded(terminal, enough)
  await close(terminal.signal.aborted)
  record?.close()
}

const now = (): string => new Date().toISOString()

function credentialsFor({ host }: Place, { tlsCert, tlsKey }: Options): Credentials {
  if (tlsCert === undefined && tlsKey === undefined) {
    return selfSigned([...new Set(['localhost', '127.0.0.1', '::1', host])])
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError('--tls-cert and --tls-key go together')
  }
  try {
    const credentials = { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) }
    createSecureContext(credentials)
    return credentials
  } catch (error) {
    throw new UsageError(`--tls-cert ${tlsCert} --tls-key ${tlsKey}: ${messageOf(error)}`)
  }
}
