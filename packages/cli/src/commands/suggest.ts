import { type Evidence, platforms } from '@truehop/identity'
import { PeerSet, parseAddress } from '@truehop/ip'
import { Option } from 'commander'
import {
  addHeader,
  type EvidenceOptions,
  evidenceBeside,
  readPeer,
} from '../evidence/evidence-options.js'
import { inputBytes, sizeOf } from '../evidence/file-bytes.js'
import { FORMATS, type Format, readSamples } from '../evidence/read-samples.js'
import { inspectedEvidence } from '../evidence/running-inspector.js'
import { printable } from '../output/printable.js'
import { printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, withExamples } from '../program/command.js'
import { FINDING, FINE } from '../program/exit-code.js'
import { repeatable } from '../program/option-values.js'
import { platformOption } from '../program/platform-option.js'
import { policyFile } from '../program/policy-file.js'
import { messageOf, UsageError } from '../program/usage-error.js'
import { writeNewFile } from '../program/written-file.js'
import { withProgress } from '../replay/progress.js'
import { PeerKinds } from '../suggest/peer-kind.js'
import { printProposal, type Read } from '../suggest/print-proposal.js'
import type { Proposal, Question } from '../suggest/proposal.js'
import { propose } from '../suggest/propose.js'
import { Thinned } from '../suggest/thinned.js'
import { Witnesses } from '../suggest/witnesses.js'

interface Options extends EvidenceOptions {
  readonly platform?: string
  readonly own: readonly string[]
  readonly forged: readonly string[]
  readonly format: Format
  readonly output?: string
  readonly force?: true
  readonly json?: true
}

/** `truehop suggest FILE…` */
export const suggest: AddCommand = (program, run) => {
  const command = program
    .command('suggest')
    .description(
      'Propose a policy for recorded requests, with its reasons and what only a person can answer. Reads what truehop listen --record wrote, access logs, HAR, JSON lines, and the inspector of a running service.',
    )
    .argument('<sources...>', 'files, - for standard input, or the URL of an inspector')
    .addOption(
      platformOption(
        '--platform <id>',
        'what stands in front, if you know',
        platforms.map(({ id }) => id),
      ),
    )
    .addOption(repeatable('--own <prefix>', 'a proxy that you run', readOwn))
    .addOption(
      repeatable(
        '--forged <address>',
        'what a test request of yours wrote into its headers',
        readForged,
      ),
    )
    .option('--peer <address>', 'the socket peer of records that do not say it', readPeer)
    .option('-H, --header <line>', 'a header of all requests, Name: value; repeatable', addHeader)
    .addOption(
      new Option('--format <format>', 'what the files are').choices(FORMATS).default('auto'),
    )
    .option('--output <file>', 'write the policy there')
    .option('--force', 'replace the file that is there')
    .option('--json', 'the result as JSON')
    .action(async (sources: string[], options: Options) => {
      const { evidence, read, lacksHeaders } = await readAll(sources, options, run.terminal)
      const made = propose(evidence, options)
      const proposal = lacksHeaders ? withoutHeaders(made) : made
      report(proposal, read, options, run.terminal)
      run.end(proposal.questions.some(({ blocks }) => blocks) ? FINDING : FINE)
    })
  withExamples(command, [
    {
      line: 'truehop suggest seen.jsonl',
      does: 'of what truehop listen --record seen.jsonl 8080 has seen in the place of the service',
    },
    {
      line: 'truehop suggest --own 192.0.2.10 --output truehop.policy.json access.jsonl',
      does: 'with a proxy of your own, into a policy file',
    },
    {
      line: 'truehop suggest http://127.0.0.1:3000/inspector/',
      does: 'what a running service sees',
    },
  ])
}

function readForged(text: string, all: readonly string[]): readonly string[] {
  const address = parseAddress(text)?.text
  if (address !== undefined) return [...all, address]
  throw new UsageError(`--forged ${text} is not an address; write 192.0.2.66`)
}

function readOwn(text: string, all: readonly string[]): readonly string[] {
  try {
    PeerSet.from([text])
  } catch (error) {
    throw new UsageError(`--own ${text}: ${messageOf(error)}`)
  }
  if (text === 'any') throw new UsageError('--own any would trust everybody; name your proxies')
  return [...all, text]
}

interface All {
  readonly evidence: readonly Evidence[]
  readonly read: Read
  /** No record has a place for headers. */
  readonly lacksHeaders: boolean
}

async function readAll(
  sources: readonly string[],
  options: Options,
  terminal: Terminal,
): Promise<All> {
  const kept = new Thinned<Evidence>()
  const witnesses = new Witnesses(new PeerKinds(options.own))
  const add = (evidence: Evidence): void => {
    kept.add(evidence)
    witnesses.add(evidence)
  }
  let unreadable = 0
  let withHeaders = 0
  for (const source of sources) {
    if (/^https?:\/\//.test(source)) {
      for (const evidence of await inspectedEvidence(source)) add(evidence)
      withHeaders++
      continue
    }
    const bytes = withProgress(inputBytes(source, terminal), sizeOf(source), terminal.stderr)
    for await (const sample of readSamples(bytes, options.format, evidenceBeside(options))) {
      if ('evidence' in sample) {
        add(sample.evidence)
        if (sample.lacksHeaders !== true) withHeaders++
      } else unreadable++
    }
  }
  const evidence = [...new Set([...kept.values, ...witnesses.values])]
  const read = { requests: kept.seen, judged: evidence.length, unreadable }
  return { evidence, read, lacksHeaders: kept.seen > 0 && withHeaders === 0 }
}

/** That no header names a client says nothing where none was written down. */
function withoutHeaders(proposal: Proposal): Proposal {
  const question: Question = {
    code: 'no-headers',
    text: 'The records hold no headers, so they show only who connects',
    answer: 'Record requests with truehop listen --record, or have the log write headers too',
    blocks: true,
  }
  const others = proposal.questions.filter(({ code }) => code !== 'not-always')
  const outcome = proposal.outcome === 'proposed' ? 'proposed' : 'open'
  return { ...proposal, outcome, questions: [question, ...others] }
}

/** The proposal is always shown; nothing is written while no hop is trusted. */
function report(proposal: Proposal, read: Read, options: Options, terminal: Terminal): void {
  const { output, force = false, json } = options
  if (json === true) printJson(terminal, { ...read, ...proposal })
  else printProposal(terminal, proposal, read)
  if (output === undefined) return
  if (proposal.outcome === 'open') {
    const [question] = proposal.questions.filter(({ blocks }) => blocks)
    throw new UsageError(`nothing is written to ${output} yet: ${question?.text ?? ''}`)
  }
  writeNewFile(output, policyFile(proposal.policy), force)
  terminal.stderr.write(`the policy is in ${printable(output)}\n`)
}
