import type { CommandWords, OptionWords } from './words.js'

/** A completion script for zsh, for a folder of `$fpath` under the name `_truehop`. */
export function zshCompletion(all: readonly CommandWords[]): string {
  return `#compdef truehop
# zsh completion for truehop
${all.map(commandFunction).join('\n')}
if [[ "$funcstack[1]" == "_truehop" ]]; then
  _truehop "$@"
else
  compdef _truehop truehop
fi
`
}

const functionName = (path: readonly string[]): string => ['_truehop', ...path].join('_')

function commandFunction(words: CommandWords): string {
  const options = words.options.flatMap(optionSpecs)
  if (words.commands.length === 0) {
    const rest = words.files
      ? ["'*:file:_files'"]
      : words.words.length > 0
        ? [`'1:word:(${words.words.join(' ')})'`]
        : []
    return `${functionName(words.path)}() {
  _arguments -s ${[...options, ...rest].join(' \\\n    ')}
}`
  }
  const list = words.commands.map(({ name, does }) => `'${quoted(`${name}:${does}`)}'`)
  const cases = words.commands.map(
    ({ name }) => `      ${name}) ${functionName([...words.path, name])} ;;`,
  )
  return `${functionName(words.path)}() {
  local context state line
  typeset -A opt_args
  _arguments -C ${[...options, "'1: :->command'", "'*:: :->rest'"].join(' \\\n    ')}
  case "$state" in
    command)
      local -a commands=(${list.join(' ')})
      _describe command commands
      ;;
    rest)
      case "$line[1]" in
${cases.join('\n')}
      esac
      ;;
  esac
}`
}

function optionSpecs({ long, short, does, takes }: OptionWords): string[] {
  const text = quoted(does).replace(/[[\]:]/g, '\\$&')
  const value = { nothing: '', text: ':value: ', file: ':file:_files' }
  const after = typeof takes === 'string' ? value[takes] : `:value:(${takes.join(' ')})`
  const names = short === undefined ? [long] : [long, short]
  return names.map((name) => `'*${name}[${text}]${after}'`)
}

const quoted = (text: string): string => text.replaceAll("'", "'\\''")
