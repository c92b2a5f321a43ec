import {
  type ConnectionRefusal,
  connectionRefusal,
  type Evidence,
  type Explanation,
  explain as explainWalk,
  formatExplanation,
  type LineKind,
  type Policy,
  questionsOf,
} from '@truehop/identity'
import type { ProxyHeader } from '@truehop/proxy-protocol'
import { type Command, Option } from 'commander'
import {
  addHeader,
  type EvidenceOptions,
  evidenceBeside,
  evidenceOf,
  proxyHex,
  proxyLine,
  readPeer,
} from '../evidence/evidence-options.js'
import { inputBytes, sizeOf } from '../evidence/file-bytes.js'
import { FORMATS, type Format, readSamples } from '../evidence/read-samples.js'
import type { Sample, Unreadable } from '../evidence/sample.js'
import { printable } from '../output/printable.js'
import { type Colours, coloursOf, print, printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { type ExitCode, FINDING, FINE } from '../program/exit-code.js'
import { wholeNumber } from '../program/option-values.js'
import { POLICY_OPTION, policyFor, readPolicy } from '../program/policy-option.js'
import { UsageError } from '../program/usage-error.js'
import { type Answer, answerOf, refusedFor } from '../replay/outcome.js'
import { printReport } from '../replay/print-report.js'
import { withProgress } from '../replay/progress.js'
import { Replay } from '../replay/replay.js'

interface Options extends EvidenceOptions {
  readonly policy?: string
  readonly against?: string
  readonly format: Format
  readonly show: number
  readonly questions?: true
  readonly json?: true
}

/** `truehop explain`: one walk, or what a policy says about a whole log. */
export const explain: AddCommand = (program, run) => {
  const command = program
    .command('explain')
    .description(
      'Print the walk from a connection to its client. With a file, replay the requests in it: a raw HTTP request, a HAR, or an access log: JSON lines, ECS, combined, nginx, HAProxy, ALB; gzip is fine.',
    )
    .argument('[file]', 'file with the requests; - is standard input')
  addOptions(command).action(async (file: string | undefined, options: Options) => {
    const policy = await policyFor(options.policy, run.terminal)
    if (options.questions === true) {
      printQuestions(policy, options, run.terminal)
      run.end(FINE)
      return
    }
    const against =
      options.against === undefined ? undefined : await readPolicy(options.against, run.terminal)
    const question = { policy, against, options, terminal: run.terminal }
    run.end(file === undefined ? one(question, evidenceOf(options)) : await replay(question, file))
  })
  withExamples(command, [
    {
      line: "truehop explain --policy p.json --peer 10.0.0.5 -H 'X-Forwarded-For: 6.6.6.6, 198.51.100.7'",
      does: 'who is the client, and why',
    },
    {
      line: "truehop explain --policy p.json --peer 10.0.0.5 --proxy 'PROXY TCP4 198.51.100.7 10.0.0.5 4711 443'",
      does: 'with a PROXY header',
    },
    {
      line: 'truehop explain --policy p.json --against new.json access.jsonl',
      does: 'the clients that a new policy would name differently',
    },
    {
      line: "TRUEHOP_PLATFORM=heroku truehop explain --peer 10.1.23.4 -H 'X-Forwarded-For: 198.51.100.7'",
      does: 'by the rules of a platform, without a file',
    },
    {
      line: 'truehop explain --policy p.json --questions',
      does: 'of each rule: which field is authoritative, who may assert it, who consumes it',
    },
    {
      line: 'truehop explain --policy p.json --peer 10.0.0.5 - < request.txt',
      does: 'a raw request',
    },
  ])
}

function addOptions(command: Command): Command {
  const headers: ProxyHeader[] = []
  const keep = (header: ProxyHeader): ProxyHeader[] => {
    headers.push(header)
    return headers
  }
  return command
    .option('--policy <file>', POLICY_OPTION)
    .option('--against <file>', 'a second policy: show where its answers differ')
    .option('--peer <address>', 'the socket peer, unix or event', readPeer)
    .option('--peer-port <port>', "the socket peer's port", wholeNumber(0, 65_535))
    .option('--proxy <line>', 'a PROXY header, version 1; repeatable, outermost first', (text) =>
      keep(proxyLine(text)),
    )
    .option('--proxy-hex <bytes>', 'a PROXY header in hexadecimal; repeatable', (text) =>
      keep(proxyHex(text)),
    )
    .option('-H, --header <line>', 'a request header, Name: value; repeatable', addHeader)
    .option('--tls', 'the connection itself is TLS')
    .addOption(new Option('--format <format>', 'what the file is').choices(FORMATS).default('auto'))
    .option('--show <count>', 'how many examples of each kind to show', wholeNumber(0, 10_000), 10)
    .option(
      '--questions',
      'explain the rules, and no request: which field is authoritative, who may assert it, who consumes it',
    )
    .option('--json', 'the result as JSON')
}

function printQuestions(policy: Policy, { json }: Options, terminal: Terminal): void {
  const answers = questionsOf(policy)
  if (json === true) {
    printJson(terminal, { questions: answers })
    return
  }
  if (answers.length === 0) print(terminal, NO_RULE)
  for (const { rule, field, assertedBy, consumedBy } of answers) {
    print(terminal, `rule ${printable(rule)}`)
    print(terminal, `  Which field is authoritative?  ${printable(field)}`)
    print(terminal, `  Who may assert it?             ${printable(assertedBy.join(', '), 2000)}`)
    print(terminal, `  Who consumes it?               ${consumedBy}`)
  }
}

const NO_RULE = 'no rule: the client is the peer of the connection, and no field says anything else'

interface Question {
  readonly policy: Policy
  readonly against: Policy | undefined
  readonly options: Options
  readonly terminal: Terminal
}

/** A walk, or why there is none. */
type Told = { readonly refused: ConnectionRefusal } | Explanation

function one({ policy, against, options, terminal }: Question, evidence: Evidence): ExitCode {
  if (evidence.peer === undefined) {
    throw new UsageError('the socket peer is missing; write --peer ADDRESS, or --peer unix')
  }
  const told = [policy, ...(against === undefined ? [] : [against])].map((by) => tell(by, evidence))
  const [first, second] = told
  if (options.json === true) {
    printJson(terminal, second === undefined ? first : { ...first, against: second })
  } else {
    print(terminal, told.map((each) => text(each, evidence, terminal)).join('\n\nagainst\n'))
  }
  const answers = new Set(told.map((each) => answerOf(answerIn(each))))
  const isFine = answers.size === 1 && !answers.has('undetermined') && !answers.has('refused')
  return isFine ? FINE : FINDING
}

function tell(policy: Policy, evidence: Evidence): Told {
  const refused = connectionRefusal(policy, evidence)
  return refused === undefined ? explainWalk(policy, evidence) : { refused }
}

function answerIn(told: Told): Answer {
  return 'refused' in told ? refusedFor(told.refused) : told.identity
}

function text(told: Told, { peer }: Evidence, terminal: Terminal): string {
  const colours = coloursOf(terminal)
  if (!('refused' in told)) return formatExplanation(told, { paint: painter(colours) })
  const { reason, message } = told.refused
  const rows = [`peer      ${peer ?? ''}`, colours.red(`refused   ${reason}`), `  ${message}`]
  return rows.join('\n')
}

function painter(colours: Colours): (line: string, kind: LineKind) => string {
  const paints: Record<LineKind, (text: string) => string> = {
    plain: (text) => text,
    read: colours.dim,
    client: colours.green,
    undetermined: colours.red,
    ignored: colours.yellow,
    conflict: colours.red,
  }
  return (line, kind) => paints[kind](line)
}

/** A file with one request is explained; one with many is counted. */
async function replay(question: Question, file: string): Promise<ExitCode> {
  const { policy, against, options, terminal } = question
  const counted = new Replay(policy, against, options.show)
  let only: Sample | Unreadable | undefined
  let count = 0
  const bytes = withProgress(inputBytes(file, terminal), sizeOf(file), terminal.stderr)
  for await (const sample of readSamples(bytes, options.format, evidenceBeside(options))) {
    only = sample
    count++
    counted.take(sample)
  }
  const report = counted.report()
  if (count === 1 && report.unreadable === 0 && only !== undefined && 'evidence' in only) {
    return one(question, only.evidence)
  }
  if (options.json === true) printJson(terminal, report)
  else printReport(terminal, report)
  const { undetermined, refused, unreadable } = report
  const differences = (report.against?.differences ?? 0) + (report.against?.refused ?? 0)
  return undetermined + refused + unreadable + differences > 0 ? FINDING : FINE
}
