import { userInfo } from 'node:os'
import { AllowlistError, type SharedEntries, type SharedEntry } from '@truehop/allowlist'
import { parseAddress } from '@truehop/ip'
import type { Command } from 'commander'
import { withEntries } from '../list/connection.js'
import { printable } from '../output/printable.js'
import { table } from '../output/table.js'
import { print, printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, type Run, withExamples } from '../program/command.js'
import { FINDING, FINE } from '../program/exit-code.js'
import { UsageError } from '../program/usage-error.js'
import { REDIS_OPTION } from '../redis/connection.js'

interface Options {
  readonly redis?: string
  readonly ttl?: number
  readonly note?: string
  readonly by?: string
  readonly json?: true
}

/** `truehop list add|remove|show NAME …` */
export const list: AddCommand = (program, run) => {
  const group = program
    .command('list')
    .description('Look at and change the entries that all instances of a service share.')
  addAdd(group, run)
  addRemove(group, run)
  addShow(group, run)
  withExamples(group, [
    { line: 'truehop list show bans', does: 'the entries of sharedEntries({ name: "bans" })' },
  ])
}

const NAME = ['<name>', 'the name that the service gives to sharedEntries'] as const

function addAdd(group: Command, { terminal, end }: Run): void {
  const add = group
    .command('add')
    .description('Add an entry, or change what is said of one.')
    .argument(...NAME)
    .argument('<entry>', 'a prefix or an address')
    .option(...REDIS_OPTION)
    .option('--ttl <seconds>', 'seconds until it expires; without it the entry stays', seconds)
    .option('--note <text>', 'why')
    .option('--by <text>', 'who adds it; else the user name')
    .option('--json', 'what became of it as JSON')
    .action(async (name: string, entry: string, options: Options) => {
      const { ttl, note, by = user() } = options
      await withEntries(name, options.redis, terminal, async (entries) => {
        const change = await checked(entries.add(entry, { ttl, note, by }))
        if (change === 'local') throw new UsageError('Redis did not answer in time')
        if (options.json === true) printJson(terminal, { name, entry, change })
        else if (change === 'full') print(terminal, `${printable(name)} is full: nothing was added`)
        else print(terminal, `added to ${printable(name)}: ${printable(entry)}`)
        end(change === 'full' ? FINDING : FINE)
      })
    })
  withExamples(add, [
    {
      line: 'truehop list add bans 203.0.113.0/24 --ttl 3600 --note scan',
      does: 'in force on every instance within a second, for an hour',
    },
  ])
}

function addRemove(group: Command, { terminal, end }: Run): void {
  const remove = group
    .command('remove')
    .description('Remove an entry.')
    .argument(...NAME)
    .argument('<entry>', 'the prefix or address of the entry')
    .option(...REDIS_OPTION)
    .option('--note <text>', 'why')
    .option('--by <text>', 'who removes it; else the user name')
    .option('--json', 'what became of it as JSON')
    .action(async (name: string, entry: string, { redis, note, json, by = user() }: Options) => {
      await withEntries(name, redis, terminal, async (entries) => {
        const change = await checked(entries.remove(entry, { note, by }))
        if (change === 'local') throw new UsageError('Redis did not answer in time')
        const wider = change === 'absent' ? stillIn(entries, entry) : undefined
        if (json === true) printJson(terminal, { name, entry, change, ...(wider && { wider }) })
        else
          print(terminal, `${removal(change)} ${printable(name)}: ${printable(entry)}${but(wider)}`)
        end(change === 'absent' ? FINDING : FINE)
      })
    })
  withExamples(remove, [{ line: 'truehop list remove bans 203.0.113.0/24', does: 'let them in' }])
}

const removal = (change: string): string => (change === 'absent' ? 'not in' : 'removed from')

const but = (wider: string | undefined): string =>
  wider === undefined ? '' : `; its entry is ${wider}, which stays until that is removed`

/** The entry that an address is in: who removes the address wants to hear that it is still there. */
function stillIn(entries: SharedEntries, text: string): string | undefined {
  const address = parseAddress(text)
  return address === undefined ? undefined : entries.match(address)?.entry
}

function addShow(group: Command, { terminal, end }: Run): void {
  const show = group
    .command('show')
    .description('Show all entries, or the one that an address is in.')
    .argument(...NAME)
    .argument('[address]', 'an address')
    .option(...REDIS_OPTION)
    .option('--json', 'the entries as JSON')
    .action(async (name: string, address: string | undefined, { redis, json }: Options) => {
      await withEntries(name, redis, terminal, async (entries) => {
        const shown = address === undefined ? [...entries.details()] : around(entries, address)
        if (json === true) printJson(terminal, shown.map(withDates))
        else printEntries(terminal, shown)
        end(address !== undefined && shown.length === 0 ? FINDING : FINE)
      })
    })
  withExamples(show, [
    { line: 'truehop list show bans --json', does: 'all entries, for another program' },
    {
      line: 'truehop list show bans 203.0.113.7',
      does: 'whether an address is in; 1 if it is not',
    },
  ])
}

function around(entries: SharedEntries, text: string): SharedEntry[] {
  const address = parseAddress(text)
  if (address === undefined) throw new UsageError(`${printable(text)} is not an address`)
  const entry = entries.match(address)?.entry
  return [...entries.details()].filter((each) => each.entry === entry)
}

function withDates({ expires, added, ...entry }: SharedEntry): object {
  return { ...entry, added: dateOf(added), ...(expires && { expires: dateOf(expires) }) }
}

const dateOf = (time: number): string => new Date(time).toISOString()

function printEntries(terminal: Terminal, entries: readonly SharedEntry[]): void {
  if (entries.length === 0) {
    print(terminal, 'no entry')
    return
  }
  const rows = entries.map(({ entry, expires, by, note = '' }) => [
    entry,
    expires === undefined ? 'stays' : dateOf(expires),
    printable(by),
    printable(note),
  ])
  print(terminal, table(terminal.stdout, rows, ['entry', 'expires', 'by', 'note']))
}

/** What is wrong with an entry is wrong with the command line. */
async function checked<T>(change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (error) {
    if (error instanceof AllowlistError) throw new UsageError(error.message)
    throw error
  }
}

function seconds(text: string): number {
  const value = /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Number(text) : 0
  if (value > 0) return value
  throw new UsageError(`--ttl must be a number of seconds above 0, got ${printable(text)}`)
}

function user(): string {
  try {
    return userInfo().username.slice(0, 100) || 'truehop list'
  } catch {
    return 'truehop list'
  }
}
