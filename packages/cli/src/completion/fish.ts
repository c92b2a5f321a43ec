import type { CommandWords, OptionWords } from './words.js'

/** A completion script for fish. */
export function fishCompletion(all: readonly CommandWords[]): string {
  const lines = all.flatMap((words) => {
    const when = condition(words)
    const commands = words.commands.map(({ name, does }) => `${when} -a ${name} -d ${quoted(does)}`)
    const files = words.files ? [`${when} -F`] : []
    const plain = words.words.length > 0 ? [`${when} -a ${quoted(words.words.join(' '))}`] : []
    return [
      ...commands,
      ...files,
      ...plain,
      ...words.options.map((option) => when + optionLine(option)),
    ]
  })
  return `# fish completion for truehop
function __truehop_at
    set -l words (commandline -opc)
    set -l names
    for word in $words[2..-1]
        string match -q -- '-*' $word; or set -a names $word
    end
    set -l depth (count $argv)
    test $depth -eq 0; and test (count $names) -eq 0; and return 0
    test $depth -gt 0; and test (count $names) -ge $depth; or return 1
    test "$names[1..$depth]" = "$argv"
end
complete -c truehop -f
${lines.map((line) => `complete -c truehop ${line}`).join('\n')}
`
}

/** A command with subcommands is left as soon as one of them is there. */
function condition({ path, commands }: CommandWords): string {
  const inner = commands.map(({ name }) => `; and not __truehop_at ${[...path, name].join(' ')}`)
  return `-n ${quoted(`__truehop_at ${path.join(' ')}${inner.join('')}`)}`
}

function optionLine({ long, short, does, takes }: OptionWords): string {
  const names = `${short === undefined ? '' : ` -s ${short.slice(1)}`} -l ${long.slice(2)}`
  const values = { nothing: '', text: ' -x', file: ' -r -F' }
  const after = typeof takes === 'string' ? values[takes] : ` -x -a ${quoted(takes.join(' '))}`
  return `${names}${after} -d ${quoted(does)}`
}

const quoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`
