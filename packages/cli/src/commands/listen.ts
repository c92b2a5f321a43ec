import { type AddCommand, withExamples } from '../command.js'
import { describeLayer, layerJson } from '../dissect/describe.js'
import { firstBytesServer, type Seen } from '../listen/first-bytes-server.js'
import { placeText, readPlace, startListening, untilEnded } from '../listening.js'
import { wholeNumber } from '../option-values.js'
import { coloursOf, print, printJsonLine, type Terminal } from '../terminal.js'

interface Options {
  readonly host: string
  readonly count?: number
  readonly maxBytes: number
  readonly maxConnections: number
  readonly timeout: number
  readonly json?: true
}

/** `truehop listen PORT` */
export const listen: AddCommand = (program, run) => {
  const command = program
    .command('listen')
    .description(
      'Print the first bytes of each connection dissected: PROXY headers with every TLV, the TLS ClientHello, the HTTP request. HTTP is answered with 200; TLS ends with a handshake_failure alert, since there is no certificate to go on with.',
    )
    .argument('<port>', 'PORT or HOST:PORT; 0 takes a free port')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--count <n>', 'end after n connections', wholeNumber(1, 1_000_000_000))
    .option(
      '--max-bytes <n>',
      'bytes to look at of a connection',
      wholeNumber(16, 1_048_576),
      131_072,
    )
    .option('--max-connections <n>', 'connections at a time', wholeNumber(1, 10_000), 64)
    .option('--timeout <ms>', 'wait for the first bytes so long', wholeNumber(100, 600_000), 10_000)
    .option('--json', 'one JSON object a line for each connection')
    .action((port: string, options: Options) => serve(port, options, run.terminal))
  withExamples(command, [
    { line: 'truehop listen 8080', does: 'see what a load balancer really sends' },
    {
      line: 'truehop listen --json --count 1 8080',
      does: 'one connection as JSON; meanwhile: curl --haproxy-protocol http://127.0.0.1:8080/',
    },
  ])
}

async function serve(port: string, options: Options, terminal: Terminal): Promise<void> {
  const place = readPlace(port, options.host)
  let left = options.count ?? Number.POSITIVE_INFINITY
  let onEnough = (): void => {}
  const enough = new Promise<void>((resolve) => {
    onEnough = resolve
  })
  const server = firstBytesServer(options, (seen) => {
    if (left <= 0) return
    left--
    if (options.json === true) printJsonLine(terminal, seenJson(seen))
    else printSeen(terminal, seen)
    if (left <= 0) onEnough()
  })
  const at = await startListening(server, place)
  terminal.stderr.write(`listening on ${placeText(at)}\n`)
  await untilEnded(terminal, enough)
  await new Promise((resolve) => {
    server.close(resolve)
  })
}

const ENDED: Readonly<Record<Seen['ended'], string>> = {
  settled: '',
  closed: 'the peer closed',
  deadline: 'nothing more in time',
  full: 'no more bytes are kept',
}

function printSeen(terminal: Terminal, seen: Seen): void {
  const { bold, dim } = coloursOf(terminal)
  const { number, peer = 'unknown', peerPort = 0, dissection, byteLength, ended } = seen
  print(
    terminal,
    bold(`#${number} from ${placeText({ host: peer, port: peerPort })}, ${byteLength} bytes`),
  )
  for (const layer of dissection.layers) {
    const [first = '', ...lines] = describeLayer(layer)
    print(terminal, `  ${dim(String(layer.offset).padStart(5))}  ${first}`)
    for (const line of lines) print(terminal, `         ${line}`)
  }
  if (ended !== 'settled') print(terminal, `         ${ENDED[ended]}`)
}

function seenJson({ dissection, ...seen }: Seen): object {
  return { ...seen, layers: dissection.layers.map(layerJson) }
}
