/** Something that the person who typed the command can fix. Ends the run with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
