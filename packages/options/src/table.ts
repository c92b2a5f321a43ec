import type { Fields, Option } from './option.js'
import { grouped, show } from './problem.js'

/**
 * The rows of a documentation table in Markdown: option, what it takes, default, what it says.
 * `page` is the name of the page under docs/ that it appears on, for links.
 */
export function optionTable(fields: Fields, page = ''): string {
  const rows = Object.entries(fields).flatMap(([key, option]) => rowsOf(key, option, page))
  return ['| option | takes | default | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function rowsOf(key: string, option: Option<unknown>, page: string): string[] {
  const { type, unit, says, fields, see } = option
  const name = see === undefined ? `\`${key}\`` : `[\`${key}\`](${linkTo(see, page)})`
  const takes = unit === undefined ? type : `${type} ${unit}`
  const row = `| ${name} | ${cell(takes)} | ${cell(defaultText(option))} | ${cell(says)} |`
  const members = Object.entries(fields ?? {})
  return [row, ...members.flatMap(([member, each]) => rowsOf(`${key}.${member}`, each, page))]
}

/** `see` as a link from a page beside it, or in it. */
function linkTo(see: string, page: string): string {
  return see.startsWith(`${page}#`) ? see.slice(page.length) : see
}

function defaultText({ default: value, defaultSays, required }: Option<unknown>): string {
  if (required === true) return 'required'
  if (defaultSays !== undefined) return defaultSays
  if (value === undefined) return ''
  if (typeof value === 'number') return grouped(value)
  return `\`${Array.isArray(value) ? JSON.stringify(value) : show(value)}\``
}

/** A pipe would end the cell. */
function cell(words: string): string {
  return words.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
