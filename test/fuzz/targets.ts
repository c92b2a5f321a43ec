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
  run: (limits: Limits): Promise<Outcome> => run(target, limits),
})

export const targets = [
  runnable(proxyHeader),
  runnable(forwarded),
  runnable(addresses),
  runnable(policy),
  runnable(ranges),
  runnable(audit),
]
