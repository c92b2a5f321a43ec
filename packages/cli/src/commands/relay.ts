import type { ConnectionOptions } from 'node:tls'
import { parseAddress } from '@truehop/ip'
import { Option } from 'commander'
import {
  type Place,
  placeIn,
  placeText,
  readPlace,
  readTarget,
  sayWhenFull,
  startListening,
  untilEnded,
} from '../listen/listening.js'
import { printable } from '../output/printable.js'
import { print, printJsonLine, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { wholeNumber } from '../program/option-values.js'
import { UsageError } from '../program/usage-error.js'
import { makeRelay } from '../relay/relay-server.js'
import { type Relayed, relayedWords } from '../relay/relayed.js'

const SEND = ['v1', 'v2', 'none'] as const

interface Options {
  readonly listen: string
  readonly to: string
  readonly send: (typeof SEND)[number]
  readonly tls?: true
  readonly insecure?: true
  readonly servername?: string
  readonly alpn?: readonly string[]
  readonly client?: Place
  readonly appendXff?: true
  readonly crc32c?: true
  readonly maxConnections: number
  readonly json?: true
}

const VERSIONS = { v1: 1, v2: 2, none: undefined } as const

/** `truehop relay --listen PORT --to HOST:PORT --send v1|v2` */
export const relay: AddCommand = (program, run) => {
  const command = program
    .command('relay')
    .description(
      'Stand in for a proxy: relay connections with a PROXY header first, or requests with X-Forwarded-For appended. For trying a chain on one machine.',
    )
    .requiredOption('--listen <port>', 'PORT on loopback, or HOST:PORT; 0 takes a free port')
    .requiredOption('--to <host:port>', 'where connections go')
    .addOption(
      new Option('--send <version>', 'the PROXY header to send')
        .choices(SEND)
        .makeOptionMandatory(),
    )
    .option('--tls', 'speak TLS to the target, after the header')
    .option('--insecure', 'accept any certificate from the target')
    .option('--servername <name>', "the target's name, for SNI and the certificate")
    .option(
      '--alpn <protocols>',
      'application protocols to offer in TLS, such as h2; none unless given, http/1.1 with --append-xff',
      readProtocols,
    )
    .option('--client <address>', 'claim this client, ADDRESS or ADDRESS:PORT', readClient)
    .option(
      '--append-xff',
      'relay HTTP/1 requests and upgrades with the client appended to X-Forwarded-For; HTTP/2 is refused',
    )
    .option('--crc32c', 'add a checksum to the header, version 2')
    .option('--max-connections <n>', 'simultaneous connections', wholeNumber(1, 10_000), 64)
    .option('--json', 'one JSON object a line for each connection or request')
    .action((options: Options) => serve(options, run.terminal))
  withExamples(command, [
    {
      line: 'truehop relay --listen 8080 --to 127.0.0.1:3000 --send v2 --client 198.51.100.7',
      does: 'a load balancer that passes on that client',
    },
    {
      line: 'truehop relay --listen 8081 --to 127.0.0.1:8080 --send none --append-xff',
      does: 'an HTTP proxy before it',
    },
    {
      line: 'truehop relay --listen 8082 --to localhost:3443 --send v2 --tls --insecure --alpn h2',
      does: 'HTTP/2 to a TLS server; meanwhile: curl --http2-prior-knowledge http://127.0.0.1:8082/',
    },
  ])
}

async function serve(options: Options, terminal: Terminal): Promise<void> {
  refuseIdle(options)
  const { client } = options
  const made = makeRelay(
    {
      to: readTarget(options.to),
      version: VERSIONS[options.send],
      crc32c: options.crc32c === true,
      client,
      appendXff: options.appendXff === true,
      tls: tlsOptions(options),
      maxConnections: options.maxConnections,
    },
    (relayed) => {
      const time = new Date().toISOString()
      if (options.json === true) printJsonLine(terminal, { time, ...relayed })
      else print(terminal, `${time} ${relayedText(relayed)}`)
    },
  )
  sayWhenFull(made.server, options.maxConnections, terminal)
  const at = await startListening(made.server, readPlace(options.listen, '127.0.0.1'))
  terminal.stderr.write(`relaying from ${placeText(at)} to ${options.to}\n`)
  await untilEnded(terminal, new Promise(() => {}))
  await new Promise((resolve) => {
    made.server.close(resolve)
    made.end()
  })
}

/**
 * A connection goes on as its client began it, so only the person who runs this knows the protocol;
 * what is relayed request by request is HTTP/1.
 */
function tlsOptions(options: Options): ConnectionOptions | undefined {
  const { tls, insecure, servername, appendXff } = options
  if (tls !== true) return undefined
  const alpn = appendXff === true ? ['http/1.1'] : options.alpn
  return {
    rejectUnauthorized: insecure !== true,
    ...(servername === undefined ? {} : { servername }),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  }
}

/** An option that would do nothing does not say what its author means. */
function refuseIdle({ send, appendXff, ...options }: Options): void {
  if (options.crc32c === true && send !== 'v2') {
    throw new UsageError('--crc32c goes with --send v2')
  }
  if (options.client !== undefined && send === 'none' && appendXff !== true) {
    throw new UsageError('--client goes with --send v1, --send v2 or --append-xff')
  }
  if (options.alpn !== undefined && appendXff === true) {
    throw new UsageError('--append-xff relays HTTP/1 and offers http/1.1; leave --alpn out')
  }
  if (options.tls === true) return
  if (options.alpn !== undefined) throw new UsageError('--alpn goes with --tls')
  if (options.insecure === true) throw new UsageError('--insecure goes with --tls')
  if (options.servername !== undefined) throw new UsageError('--servername goes with --tls')
}

function relayedText(relayed: Relayed): string {
  const { client, error } = relayed
  const why = error === undefined ? '' : `: ${printable(error)}`
  return `${client} ${printable(relayedWords(relayed))}${why}`
}

/** Names of RFC 7301: each of at least one byte, and at most 255. */
function readProtocols(text: string): readonly string[] {
  const names = text.split(',')
  if (names.every((name) => /^[!-~]{1,255}$/.test(name))) return names
  throw new UsageError(
    `--alpn ${text} is not a list of protocols; write --alpn h2, or --alpn h2,http/1.1`,
  )
}

function readClient(text: string): Place {
  const alone = parseAddress(text)
  if (alone !== undefined) return { host: alone.text, port: 49_152 }
  const place = placeIn(text)
  const address = parseAddress(place?.host ?? '')
  if (place === undefined || address === undefined) {
    throw new UsageError(
      `--client ${text} is not an address; write 198.51.100.7, 198.51.100.7:4711 or [2001:db8::7]:4711`,
    )
  }
  return { host: address.text, port: place.port }
}
