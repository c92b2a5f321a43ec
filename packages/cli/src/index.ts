export type { ExitCode } from './exit-code.js'
export { run } from './run.js'
export type { Screen, Terminal } from './terminal.js'
