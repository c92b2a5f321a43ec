import type { PairTarget } from '../configuration.js'
import { haproxy } from './haproxy.js'
import { nginx } from './nginx.js'

export const PAIR_TARGETS: readonly PairTarget[] = [haproxy, nginx]
