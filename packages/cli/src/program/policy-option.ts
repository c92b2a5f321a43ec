import type { LiveRanges, Policy } from '@truehop/identity'
import { policyFromEnvironment, policyFromText } from '@truehop/identity/yaml'
import { inputText } from '../evidence/file-bytes.js'
import type { Terminal } from '../output/terminal.js'
import { messageOf, UsageError } from './usage-error.js'

/** What `--policy` says of itself. */
export const POLICY_OPTION =
  'the policy; else the one of the environment: TRUEHOP_POLICY, TRUEHOP_PLATFORM (such as render, or pm2 where nothing is in front), or TRUEHOP_TRUST and TRUEHOP_HEADER'

/** Milliseconds for live ranges to arrive. */
const RANGES_TIMEOUT = 20_000

/** The policy in a file, or on standard input for `-`, with its live ranges read. */
export async function readPolicy(file: string, terminal: Terminal): Promise<Policy> {
  return withRanges(policyFromText(await inputText(file, terminal), file))
}

/** The policy of `--policy`, or without the option that of the environment. */
export async function policyFor(file: string | undefined, terminal: Terminal): Promise<Policy> {
  if (file !== undefined) return readPolicy(file, terminal)
  const policy = policyFromEnvironment(terminal.environment)
  if (policy === undefined) {
    throw new UsageError(
      'the policy is missing; write --policy FILE, or set TRUEHOP_POLICY, or TRUEHOP_PLATFORM to what stands in front',
    )
  }
  return withRanges(policy)
}

/** Ranges that have not arrived yet trust nobody: wait for them, or say why there are none. */
async function withRanges(policy: Policy): Promise<Policy> {
  const live = policy.current.hops.flatMap(({ entries }) => entries.flatMap(readiness))
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, RANGES_TIMEOUT, new Error('the ranges did not arrive in time'))
  })
  try {
    await Promise.race([Promise.all(live), late])
  } catch (error) {
    throw new UsageError(messageOf(error))
  } finally {
    clearTimeout(timer)
    late.catch(() => {})
  }
  return policy
}

function readiness(entry: string | LiveRanges): Promise<void>[] {
  return typeof entry === 'string' || entry.ready === undefined ? [] : [entry.ready]
}
