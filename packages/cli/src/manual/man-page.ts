import type { Command } from 'commander'
import { examplesOf } from '../program/command.js'

/** The manual page of a program, in roff with the macros of man(7). */
export function manPage(program: Command): string {
  const lines = [
    '.TH TRUEHOP 1 "" "truehop" "User Commands"',
    '.SH NAME',
    `truehop \\- ${text(firstWords(program.description()))}`,
    '.SH SYNOPSIS',
    '.B truehop',
    '.I command',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    text(program.description()),
    '.SH COMMANDS',
    ...leaves(program).flatMap((command) => section(command)),
    '.SH EXIT STATUS',
    ...['0', 'fine', '1', 'a finding', '2', 'wrong usage'].flatMap((word, at) =>
      at % 2 === 0 ? ['.TP', `.B ${word}`] : [word],
    ),
    '.SH ENVIRONMENT',
    ...variable('TRUEHOP_POLICY', 'A policy file, if --policy is not given.'),
    ...variable(
      'TRUEHOP_PLATFORM',
      'The id of what stands in front, such as render; pm2 where nothing does.',
    ),
    ...variable('TRUEHOP_TRUST', 'Addresses to trust, together with TRUEHOP_HEADER.'),
    ...variable('TRUEHOP_HEADER', 'The header that the trusted addresses write.'),
    ...variable('NO_COLOR', 'No colours, if it is set and not empty.'),
    ...variable('FORCE_COLOR', 'Colours even without a terminal.'),
  ]
  return `${lines.join('\n')}\n`
}

/** The commands that do something, in definition order. */
function leaves(command: Command): Command[] {
  return command.commands.flatMap((one) => (one.commands.length === 0 ? [one] : leaves(one)))
}

function section(command: Command): string[] {
  const names = fullName(command)
  const options = command.options.flatMap(({ argChoices, ...option }) => {
    const words = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`
    const { defaultValue, defaultValueDescription = String(defaultValue) } = option
    const value = defaultValue === undefined ? '' : ` (default ${defaultValueDescription})`
    return ['.TP', `.B ${text(option.flags)}`, text(option.description + words + value)]
  })
  const examples = examplesOf(command).flatMap(({ line, does }) => [
    '.PP',
    text(`${does}:`),
    '.PP',
    '.RS 4',
    '.nf',
    text(line),
    '.fi',
    '.RE',
  ])
  return [
    `.SS truehop ${names} ${text(command.usage())}`,
    text(command.description()),
    ...options,
    ...examples,
  ]
}

function fullName(command: Command): string {
  const outer = command.parent
  return outer === null || outer.parent === null
    ? command.name()
    : `${fullName(outer)} ${command.name()}`
}

const variable = (name: string, does: string): string[] => ['.TP', `.B ${name}`, text(does)]

/** A name line takes neither a capital nor a full stop. */
const firstWords = (sentence: string): string =>
  sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '')

/** Text that roff prints as it is: no line of it is a request, and every dash a dash. */
function text(plain: string): string {
  const escaped = plain.replaceAll('\\', '\\e').replaceAll('-', '\\-')
  return escaped.replaceAll("'", '\\(aq').replace(/^\./, '\\&.')
}
