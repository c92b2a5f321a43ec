import type { Fields, Option } from './option.js'
import { show } from './problem.js'

/** The rows of a documentation table in Markdown: option, what it takes, default, what it says. */
export function optionTable(fields: Fields): string {
  const rows = Object.entries(fields).flatMap(([key, option]) => rowsOf(key, option))
  return ['| option | takes | default | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function rowsOf(key: string, option: Option<unknown>): string[] {
  const { type, unit, says, fields } = option
  const takes = unit === undefined ? type : `${type} ${unit}`
  const row = `| \`${key}\` | ${cell(takes)} | ${cell(defaultText(option))} | ${cell(says)} |`
  const members = Object.entries(fields ?? {})
  return [row, ...members.flatMap(([member, each]) => rowsOf(`${key}.${member}`, each))]
}

function defaultText({ default: value, defaultSays, required }: Option<unknown>): string {
  if (required === true) return 'required'
  if (defaultSays !== undefined) return defaultSays
  return value === undefined
    ? ''
    : `\`${Array.isArray(value) ? JSON.stringify(value) : show(value)}\``
}

/** A pipe would end the cell. */
function cell(words: string): string {
  return words.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
