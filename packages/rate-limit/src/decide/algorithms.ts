import type { Algorithm } from './algorithm.js'
import { fixedWindow } from './fixed-window.js'
import type { AlgorithmName } from './rule.js'
import { slidingWindow } from './sliding-window.js'
import { tokenBucket } from './token-bucket.js'

const ALGORITHMS: Readonly<Record<AlgorithmName, Algorithm>> = {
  'sliding-window': slidingWindow,
  'token-bucket': tokenBucket,
  'fixed-window': fixedWindow,
}

export function algorithmOf(name: AlgorithmName): Algorithm {
  return ALGORITHMS[name]
}
