import { counted } from '../output/counted.js'
import { printable } from '../output/printable.js'
import { table } from '../output/table.js'
import { coloursOf, print, type Terminal } from '../output/terminal.js'
import type { Entry, PeerReport, Proposal } from './proposal.js'

/** What was read, beside what it shows. */
export interface Read {
  readonly requests: number
  readonly judged: number
  readonly unreadable: number
}

const OUTCOMES: Record<Proposal['outcome'], string> = {
  proposed: 'A policy is proposed',
  nobody: 'Clients connect themselves: nobody is trusted',
  open: 'The sample does not prove enough: nobody is trusted yet',
}

/** The proposal for a person: who connects, what is proposed and why, and what remains to be answered. */
export function printProposal(terminal: Terminal, proposal: Proposal, read: Read): void {
  const { bold, yellow, red, dim } = coloursOf(terminal)
  const { outcome, reasons, questions, peers } = proposal
  const say = (line: string): void => print(terminal, line)
  const thinned = read.judged < read.requests ? `, an even ${read.judged} of them judged` : ''
  const unread = read.unreadable > 0 ? `, ${counted(read.unreadable, 'record')} unreadable` : ''
  say(`${counted(read.requests, 'request')}${thinned}${unread}`)
  say(
    table(terminal.stdout, peers.map(peerRow), [
      'who connects',
      'addresses',
      'requests',
      'headers that name a client',
    ]),
  )
  say('')
  say(bold(OUTCOMES[outcome]))
  for (const entry of proposal.policy.hops) say(`  ${printable(entryText(entry), 400)}`)
  for (const reason of reasons) say(`- ${printable(reason, 600)}`)
  printDecisions(terminal, proposal)
  if (questions.length > 0) say(bold('\nWhat only you can answer'))
  for (const { text, answer, blocks, code } of questions) {
    const paint = blocks ? red : yellow
    say(`${paint(blocks ? '!' : '?')} ${printable(text, 600)} ${dim(`[${code}]`)}`)
    say(`    ${printable(answer, 600)}`)
  }
}

function peerRow({
  kind,
  range,
  peers,
  examples,
  requests,
  probes,
  headers,
}: PeerReport): string[] {
  const who = kind === range ? kind : `${kind} (${range})`
  const some = examples
    .slice(0, 2)
    .map((peer) => printable(peer))
    .join(', ')
  const all = headers.map((one) => `${one.header} ${percent(one.requests, requests)}`).join(', ')
  const checks = probes > 0 ? ` + ${counted(probes, 'health check')}` : ''
  return [who, peers > 2 ? `${some}, … ${peers}` : some, `${requests}${checks}`, all || 'none']
}

const percent = (part: number, whole: number): string =>
  part === whole ? 'always' : `${Math.min(99, Math.round((100 * part) / whole))} %`

function entryText(entry: Entry): string {
  const what =
    'platform' in entry ? `platform ${entry.platform}` : `${entry.name}: ${entry.asserts}`
  const from = entry.from === undefined ? '' : ` from ${entry.from.join(', ')}`
  return `${what}${from}`
}

function printDecisions(terminal: Terminal, { decisions, forged }: Proposal): void {
  const say = (line: string): void => print(terminal, line)
  const { requests, clients, undetermined, most } = decisions
  say(
    `\nIt would name ${counted(clients, 'client')} for ${counted(requests, 'request')}; ${undetermined} would be undetermined`,
  )
  const rows = most.slice(0, 5).map(({ client, requests: n }) => [client, n])
  if (rows.length > 0) say(table(terminal.stdout, rows))
  if (clients > rows.length) say(`… and ${clients - rows.length} more`)
  if (forged.requests === 0) {
    say('No request claims more than is believed: nothing in the sample shows what a forgery does')
    return
  }
  say(
    `${counted(forged.requests, 'request claims', 'requests claim')} more than is believed, such as`,
  )
  for (const { client, ignored } of forged.examples.slice(0, 3)) {
    const claims = ignored.map(({ source, text }) => `${source}: ${text}`).join('; ')
    say(`  ${client ?? 'undetermined'}, though ${printable(claims, 200)}`)
  }
}
