export type { Screen, Terminal } from './output/terminal.js'
export type { ExitCode } from './program/exit-code.js'
export { run } from './program/run.js'
