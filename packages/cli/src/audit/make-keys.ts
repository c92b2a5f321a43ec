import { createAuditKey, createCheckpointKey } from '@truehop/log'
import type { Command } from 'commander'
import { print, printJson } from '../output/terminal.js'
import { type Run, withExamples } from '../program/command.js'
import { messageOf, UsageError } from '../program/usage-error.js'

/** `truehop audit key FILE` */
export function addKey(group: Command, { terminal }: Run): void {
  const key = group
    .command('key')
    .description(
      'Make the key file of one process, and print the first key. Keep that one away from the machine: verify needs it, the service does not.',
    )
    .argument('<file>', 'the key file to create, for the option keyFile of the trail')
    .option('--json', 'the key as JSON')
    .action((file: string, { json }: { readonly json?: true }) => {
      const first = created(file, () => createAuditKey(file))
      if (json === true) printJson(terminal, { key: first })
      else print(terminal, first)
    })
  withExamples(key, [
    {
      line: 'truehop audit key /var/lib/app/audit.key | ssh vault "cat > app-1.key"',
      does: 'the first key goes to another machine, and is never on this one’s disk',
    },
  ])
}

/** `truehop audit checkpoint-key NAME FILE` */
export function addCheckpointKey(group: Command, { terminal }: Run): void {
  const key = group
    .command('checkpoint-key')
    .description(
      'Make the key that signs the checkpoints of one trail, and print its public key. Verify and witnesses need that one.',
    )
    .argument('<name>', 'the name of the log, such as example.com/audit/app-1')
    .argument('<file>', 'the file to create, for the option checkpoints.keyFile of the trail')
    .option('--json', 'the public key as JSON')
    .action((name: string, file: string, { json }: { readonly json?: true }) => {
      const verifier = created(file, () => createCheckpointKey(file, name))
      if (json === true) printJson(terminal, { key: verifier })
      else print(terminal, verifier)
    })
  withExamples(key, [
    {
      line: 'truehop audit checkpoint-key example.com/audit/app-1 /etc/app/checkpoints.key',
      does: 'one log for each process',
    },
  ])
}

function created(file: string, create: () => string): string {
  try {
    return create()
  } catch (error) {
    throw new UsageError(`${file} cannot be created: ${messageOf(error)}`)
  }
}
