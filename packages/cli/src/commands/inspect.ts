import { once } from 'node:events'
import { fleetPage } from '@truehop/inspector/fleet'
import { addHeader } from '../evidence/evidence-options.js'
import { fleetFindings } from '../inspect/fleet-findings.js'
import { fleetServer } from '../inspect/fleet-server.js'
import { readFleet } from '../inspect/read-fleet.js'
import { inspectorUrl } from '../inspect/snapshot.js'
import { startListening, untilEnded } from '../listen/listening.js'
import { printable } from '../output/printable.js'
import { print, printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { FINDING, FINE } from '../program/exit-code.js'
import { wholeNumber } from '../program/option-values.js'
import { UsageError } from '../program/usage-error.js'
import { writeNewFile } from '../program/written-file.js'

interface Options {
  readonly header?: readonly (readonly [string, string])[]
  readonly timeout: number
  readonly port: number
  readonly output?: string
  readonly force?: true
  readonly json?: true
}

/** Instances of one fleet. */
const MAX_URLS = 64
/** The page has addresses of clients. */
const OWNER_ONLY = 0o600

/** `truehop inspect URL…` */
export const inspect: AddCommand = (program, run) => {
  const command = program
    .command('inspect')
    .description(
      'Show the inspectors of several instances in one page, served on this machine and read anew at each load. With --output, one HTML file that shows them at this moment.',
    )
    .argument('<urls...>', 'where each inspector is mounted, such as https://HOST/_truehop/')
    .option(
      '-H, --header <line>',
      'a header for each request, such as Authorization; repeatable',
      addHeader,
    )
    .option('--timeout <ms>', 'how long an instance may take', wholeNumber(100, 120_000), 10_000)
    .option('--port <port>', 'where the page is served on 127.0.0.1', wholeNumber(0, 65_535), 0)
    .option('--output <file>', 'write the page there, and serve nothing')
    .option('--force', 'replace the file that is there')
    .option('--json', 'print what they said as JSON, and serve nothing')
    .action(async (texts: string[], options: Options) => {
      if (texts.length > MAX_URLS) throw new UsageError(`more than ${MAX_URLS} instances`)
      const urls = texts.map(inspectorUrl)
      const { header: headers = [], timeout } = options
      refuseUnsendable(headers)
      const read = () => readFleet(urls, { headers, timeout })
      if (options.output === undefined && options.json !== true) {
        await serve(read, options.port, run.terminal)
        return
      }
      const fleet = await read()
      const { output, force = false } = options
      if (output !== undefined) writeNewFile(output, fleetPage(fleet), force, OWNER_ONLY)
      if (options.json === true) printJson(run.terminal, fleet)
      const findings = fleetFindings(fleet)
      for (const finding of findings) run.terminal.stderr.write(`${printable(finding, 600)}\n`)
      run.end(findings.length > 0 ? FINDING : FINE)
    })
  withExamples(command, [
    {
      line: 'truehop inspect http://10.0.1.4:3000/_truehop/ http://10.0.1.5:3000/_truehop/',
      does: 'two instances in one page',
    },
    {
      line: "truehop inspect --header 'Authorization: Bearer …' --output fleet.html https://a.example.com/_truehop/",
      does: 'one file to attach to an incident',
    },
  ])
}

/** What cannot be sent fails with a message that has the value, which may be a secret. */
function refuseUnsendable(headers: readonly (readonly [string, string])[]): void {
  // RFC 9110 section 5.5.
  const bad = headers.find(([, value]) => !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
  if (bad === undefined) return
  throw new UsageError(
    `the value of the header ${bad[0]} has a line end or another character that no header can have`,
  )
}

async function serve(
  read: Parameters<typeof fleetServer>[0],
  port: number,
  terminal: Terminal,
): Promise<void> {
  const { server, path } = fleetServer(read)
  const at = await startListening(server, { host: '127.0.0.1', port })
  print(terminal, `http://127.0.0.1:${at.port}${path}`)
  terminal.stderr.write('serving the page on this machine until Ctrl-C\n')
  await untilEnded(terminal, new Promise(() => {}))
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
