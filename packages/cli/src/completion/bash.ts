import type { CommandWords, OptionWords } from './words.js'

/** A completion script for bash. */
export function bashCompletion(all: readonly CommandWords[]): string {
  const steps = all.flatMap(({ path, commands }) =>
    commands.map(({ name }) => {
      const inner = [...path, name].join(' ')
      return `      "${path.join(' ')}|${name}") command="${inner}" ;;`
    }),
  )
  return `# bash completion for truehop
_truehop() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="" at
  local IFS=$'\\n'
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$command|\${COMP_WORDS[at]}" in
${steps.join('\n')}
    esac
  done
  COMPREPLY=()
  case "$command" in
${all.map(commandCase).join('\n')}
  esac
}
complete -o filenames -F _truehop truehop
`
}

function commandCase(words: CommandWords): string {
  const names = words.options.flatMap(({ long, short }) =>
    short === undefined ? [long] : [long, short],
  )
  const others = words.commands.map(({ name }) => name).concat(words.words)
  return `    "${words.path.join(' ')}")
      case "$before" in
${words.options.flatMap(valueCase).join('\n')}
      esac
      if [[ "$current" == -* ]]; then
        COMPREPLY=($(compgen -W "${lines(names)}" -- "$current"))
      else
        COMPREPLY=($(compgen ${words.files ? '-f' : `-W "${lines(others)}"`} -- "$current"))
      fi
      ;;`
}

function valueCase({ long, short, takes }: OptionWords): string[] {
  if (takes === 'nothing') return []
  const names = short === undefined ? long : `${long}|${short}`
  if (takes === 'text') return [`        ${names}) return ;;`]
  const values = takes === 'file' ? '-f' : `-W "${lines(takes)}"`
  return [`        ${names}) COMPREPLY=($(compgen ${values} -- "$current")); return ;;`]
}

/** The script splits words only at line ends, so that file names may contain blanks. */
const lines = (words: readonly string[]): string => words.join('\n')
