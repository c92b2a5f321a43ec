/** 0: fine. 1: a finding. 2: wrong usage. */
export type ExitCode = 0 | 1 | 2

export const FINE: ExitCode = 0
export const FINDING: ExitCode = 1
export const WRONG_USAGE: ExitCode = 2
