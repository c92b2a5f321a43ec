import type { RateLimiter, Standing } from '@truehop/rate-limit'
import { type Command, InvalidArgumentError } from 'commander'
import { limiterOf } from '../limit/limits-file.js'
import { printable } from '../output/printable.js'
import { table } from '../output/table.js'
import { print, printJson, type Terminal } from '../output/terminal.js'
import { type AddCommand, type Run, withExamples } from '../program/command.js'
import { FINDING, FINE } from '../program/exit-code.js'
import { wholeNumber } from '../program/option-values.js'
import { messageOf, UsageError } from '../program/usage-error.js'
import { REDIS_OPTION, withRedis } from '../redis/connection.js'

interface Options {
  readonly limits: string
  readonly redis?: string
  readonly key?: string
  readonly name?: string
  readonly json?: true
}

/** Whose counts are meant, and in which limit. */
interface Subject {
  readonly client?: string
  readonly key?: string
  readonly limit?: string
}

/** `truehop limit show|reset|block|reward --limits FILE CLIENT` */
export const limit: AddCommand = (program, run) => {
  const group = program
    .command('limit')
    .description('Look at and change what a client has used of the limits that Redis counts.')
  addShow(group, run)
  addReset(group, run)
  addBlock(group, run)
  addReward(group, run)
  withExamples(group, [
    {
      line: 'truehop limit show --limits limits.json 198.51.100.7',
      does: 'where the client stands; limits.json has the options of the limiter, such as { "limit": 100, "window": 60 }',
    },
  ])
}

function addShow(group: Command, { terminal, end }: Run): void {
  const show = subject(
    group,
    'show',
    'Show where a client stands, without a charge; 1 if it is refused.',
  ).action((client: string | undefined, options: Options) =>
    asking(terminal, client, options, async (limiter, of) => {
      const standings = await limiter.peek(of)
      if (options.json === true) printJson(terminal, standings.map(inJson))
      else printStandings(terminal, standings)
      end(standings.some(({ exceeded }) => exceeded) ? FINDING : FINE)
    }),
  )
  withExamples(show, [
    {
      line: 'truehop limit show --limits limits.json --name plan --key account-17',
      does: 'of a limit with a key, written with "key": true in the file',
    },
  ])
}

function addReset(group: Command, { terminal }: Run): void {
  const reset = subject(group, 'reset', 'Forget what a client has used, and its bans.').action(
    (client: string | undefined, options: Options) =>
      asking(terminal, client, options, async (limiter, of) => {
        await limiter.reset(of)
        say(terminal, options, of, { reset: true }, 'reset')
      }),
  )
  withExamples(reset, [
    { line: 'truehop limit reset --limits limits.json 2001:db8::1', does: 'of its /64' },
  ])
}

function addBlock(group: Command, { terminal }: Run): void {
  const block = subject(group, 'block', 'Refuse a client, whatever it has used.')
    .requiredOption('--for <seconds>', 'how long', positive)
    .action((client: string | undefined, options: Options & { readonly for: number }) =>
      asking(terminal, client, options, async (limiter, of) => {
        await limiter.block(of, options.for)
        say(terminal, options, of, { blockedFor: options.for }, `blocked for ${options.for} s`)
      }),
    )
  withExamples(block, [
    { line: 'truehop limit block --limits limits.json --for 3600 198.51.100.7', does: 'an hour' },
  ])
}

function addReward(group: Command, { terminal }: Run): void {
  const reward = subject(group, 'reward', 'Give a client units back, those it used last.')
    .requiredOption('--units <n>', 'how many', wholeNumber(1, 999_999_999_999_999))
    .action((client: string | undefined, options: Options & { readonly units: number }) =>
      asking(terminal, client, options, async (limiter, of) => {
        await limiter.reward(of, options.units)
        say(terminal, options, of, { unitsBack: options.units }, `gave ${options.units} back`)
      }),
    )
  withExamples(reward, [
    { line: 'truehop limit reward --limits limits.json --units 20 198.51.100.7', does: 'at most' },
  ])
}

function subject(group: Command, name: string, description: string): Command {
  return group
    .command(name)
    .description(description)
    .argument('[client]', 'an address of the client')
    .requiredOption('--limits <file>', 'the options of the limiter as JSON; - is standard input')
    .option(...REDIS_OPTION)
    .option('--key <text>', 'what the key of a limit returns')
    .option('--name <limit>', 'of one limit; without it, of all that count the client')
    .option('--json', 'the result as JSON')
}

async function asking(
  terminal: Terminal,
  client: string | undefined,
  { limits, redis, key, name }: Options,
  ask: (limiter: RateLimiter, of: Subject) => Promise<void>,
): Promise<void> {
  if (client === undefined && key === undefined) {
    throw new UsageError('whose counts? Write an address, or --key and what the key returns')
  }
  const of = {
    ...(client === undefined ? {} : { client }),
    ...(key === undefined ? {} : { key }),
    ...(name === undefined ? {} : { limit: name }),
  }
  await withRedis(redis, terminal, async (store) => {
    const limiter = await limiterOf(limits, store, terminal)
    try {
      await ask(limiter, of)
    } catch (error) {
      throw new UsageError(messageOf(error))
    }
  })
}

function say(
  terminal: Terminal,
  { json }: Options,
  of: Subject,
  result: object,
  words: string,
): void {
  if (json === true) printJson(terminal, { ...of, ...result })
  else print(terminal, `${words}: ${shown(of)}`)
}

function inJson({ quota, remaining, msLeft, exceeded }: Standing): object {
  const { name, limit, window } = quota
  return { name, limit, window, remaining, secondsLeft: msLeft / 1000, exceeded }
}

function printStandings(terminal: Terminal, standings: readonly Standing[]): void {
  const rows = standings.map(({ quota, remaining, msLeft, exceeded }) => [
    printable(quota.name),
    `${remaining} of ${quota.capacity}`,
    `${Math.ceil(msLeft / 1000)} s`,
    exceeded ? (remaining > 0 ? 'blocked' : 'refused') : 'has room',
  ])
  print(terminal, table(terminal.stdout, rows, ['limit', 'left', 'until', '']))
}

function shown({ client, key }: Subject): string {
  return printable([client, key].filter((part) => part !== undefined).join(' '))
}

function positive(text: string): number {
  const value = /^\d{1,11}(\.\d{1,3})?$/.test(text) ? Number(text) : 0
  if (value > 0) return value
  throw new InvalidArgumentError('Write a number of seconds above 0.')
}
