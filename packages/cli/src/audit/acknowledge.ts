import { acknowledgeSkippedKeys, type Head } from '@truehop/log'
import type { Command } from 'commander'
import { inputText } from '../evidence/file-bytes.js'
import { print } from '../output/terminal.js'
import { type Run, withExamples } from '../program/command.js'
import { messageOf, UsageError } from '../program/usage-error.js'
import { readHead } from './read-head.js'

interface Options {
  readonly keyFile: string
  readonly keys: string
  readonly record: Head
  readonly reason: string
}

/** `truehop audit acknowledge` */
export function addAcknowledge(group: Command, { terminal }: Run): void {
  const acknowledge = group
    .command('acknowledge')
    .description(
      'Say that a crash skipped the keys of a finding skipped-keys, and print that for verify --acknowledged. It needs the first key, so do it away from the machine, and look first for records that were there.',
    )
    .requiredOption('--key-file <file>', 'a file with the first key, as audit key printed it')
    .requiredOption('--keys <id.from-to>', 'the keys that were skipped, as verify names them')
    .requiredOption('--record <seq:hash>', 'the record after them, as verify names it', readHead)
    .requiredOption('--reason <text>', 'how it is known that it was a crash')
    .option('--json', 'the same: what is printed is JSON')
    .action(async ({ keyFile, keys, record, reason }: Options) => {
      const first = (await inputText(keyFile, terminal)).trim()
      try {
        print(terminal, acknowledgeSkippedKeys(first, { keys, record, reason }).trimEnd())
      } catch (error) {
        throw new UsageError(messageOf(error))
      }
    })
  withExamples(acknowledge, [
    {
      line: "truehop audit acknowledge --key-file app-1.key --keys a1b2c3d4.17-23 --record 17:5f1c…a9 --reason 'power cut, ticket 4711' >> acknowledged",
      does: 'one gap, and no other',
    },
  ])
}
