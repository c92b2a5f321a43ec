import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { root } from '../architecture/source-file.js'

/** What the rules look at of a step. */
export interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly 'working-directory'?: string
}

export interface Job {
  readonly 'runs-on': string
  readonly permissions?: Readonly<Record<string, string>>
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> }
  readonly steps: readonly Step[]
}

export interface Workflow {
  readonly name: string
  readonly on: unknown
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const FOLDER = join(root, '.github/workflows')

export const files: readonly string[] = readdirSync(FOLDER).sort()

/** What YAML 1.2 makes of the file, and what is wrong with it. */
export function readWorkflow(file: string): { workflow: Workflow; faults: readonly string[] } {
  const document = parseDocument(readFileSync(join(FOLDER, file), 'utf8'), { uniqueKeys: true })
  const faults = [...document.errors, ...document.warnings].map(({ message }) => message)
  return { workflow: document.toJS(), faults }
}

export const jobsOf = (file: string): readonly Job[] =>
  Object.values(readWorkflow(file).workflow.jobs)

export const stepsOf = (file: string): readonly Step[] => jobsOf(file).flatMap(({ steps }) => steps)

/** The commands of a workflow, as a shell gets them: of its steps, and those it hands to an action. */
export function commandsOf(file: string): string[] {
  const inputs = ({ with: given = {} }: Step) => [given['version'], given['publish']]
  const texts = stepsOf(file).flatMap((step) => [step.run, ...inputs(step)])
  return texts.filter((text) => typeof text === 'string').flatMap(commandsIn)
}

/** Commands of a script: lines, and what stands between `&&`, `;` and the like. */
export function commandsIn(script: string): string[] {
  return script
    .split(/\n|&&|\|\||;\s/)
    .map((command) => command.replace(/^\s*(then|\{)?\s*/, '').replace(/^(\w+=\S+\s+)+/, ''))
    .map((command) => command.trim())
    .filter((command) => command !== '')
}
