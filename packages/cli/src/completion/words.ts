import type { Command, Option } from 'commander'

/** What can be typed after one command. */
export interface CommandWords {
  /** Its name and those of the commands it is in, without the program's: `['audit', 'verify']`. */
  readonly path: readonly string[]
  readonly commands: readonly { readonly name: string; readonly does: string }[]
  readonly options: readonly OptionWords[]
  /** Whether its arguments are files. */
  readonly files: boolean
  /** What its first argument may be, if that is one of a few words. */
  readonly words: readonly string[]
}

export interface OptionWords {
  readonly long: string
  readonly short: string | undefined
  readonly does: string
  /** `nothing`, a `file`, some `text`, or one of several words. */
  readonly takes: 'nothing' | 'file' | 'text' | readonly string[]
}

/** The words of a program and of every command in it, the program first. */
export function wordsOf(command: Command, path: readonly string[] = []): CommandWords[] {
  const commands = command.commands.map((one) => ({
    name: one.name(),
    does: firstSentence(one.description()),
  }))
  const own: CommandWords = {
    path,
    commands,
    options: [...command.options.map(optionWords), HELP],
    files: command.registeredArguments.some((argument) => /^files?$/.test(argument.name())),
    words: command.registeredArguments[0]?.argChoices ?? [],
  }
  return [own, ...command.commands.flatMap((one) => wordsOf(one, [...path, one.name()]))]
}

const HELP: OptionWords = { long: '--help', short: '-h', does: 'Show help', takes: 'nothing' }

function optionWords({ long, short, description, flags, argChoices }: Option): OptionWords {
  const takes =
    argChoices ?? (flags.includes('<file>') ? 'file' : flags.includes('<') ? 'text' : 'nothing')
  return { long: long ?? '', short: short ?? undefined, does: description, takes }
}

/** A list of commands has room for one sentence. */
export function firstSentence(text: string): string {
  return /^.*?[.:](?=\s|$)/.exec(text)?.[0].replace(/[.:]$/, '') ?? text
}
