import { createInterface } from 'node:readline/promises'
import type { Terminal } from '../output/terminal.js'
import { UsageError } from '../program/usage-error.js'

/**
 * Calls back with questions for the user at the terminal. Without a terminal, a question is an
 * error that names the option to write.
 */
export async function withQuestions<T>(
  { stdin, stderr }: Terminal,
  use: (ask: (question: string, option: string) => Promise<string>) => Promise<T>,
): Promise<T> {
  const isPerson = 'isTTY' in stdin && stdin.isTTY === true
  if (!isPerson) {
    return use(async (_, option) => {
      throw new UsageError(`there is no terminal to ask on; write ${option}`)
    })
  }
  const lines = createInterface({ input: stdin, output: stderr })
  const closed = new Promise<never>((_, reject) => {
    lines.once('close', () => reject(new UsageError('the questions were left unanswered')))
  })
  closed.catch(() => {})
  try {
    return await use(async (question) => {
      const answer = await Promise.race([lines.question(`${question}\n> `), closed])
      return answer.trim()
    })
  } finally {
    lines.close()
  }
}
