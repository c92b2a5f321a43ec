import { randomFrom } from './random.js'
import { type Limits, type Outcome, run } from './run.js'
import type { Target } from './target.js'
import { addresses } from './targets/addresses.js'
import { audit } from './targets/audit.js'
import { proxyHeader } from './targets/decode.js'
import { forwarded } from './targets/forwarded.js'
import { policy } from './targets/policy.js'
import { ranges } from './targets/ranges.js'

const runnable = <Input>(target: Target<Input>) => ({
  name: target.name,
  seeds: (): readonly Uint8Array[] => target.seeds.map((seed) => target.toBytes(seed)),
  run: (limits: Limits): Promise<Outcome> => run(target, limits),
  /** Throws where something does not hold for the input that the bytes are; the same every time. */
  check: async (bytes: Uint8Array): Promise<void> => {
    const seed = bytes.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, bytes.length)
    await target.check(target.fromBytes(bytes), randomFrom(seed))
  },
})

export const targets = [
  runnable(proxyHeader),
  runnable(forwarded),
  runnable(addresses),
  runnable(policy),
  runnable(ranges),
  runnable(audit),
]
