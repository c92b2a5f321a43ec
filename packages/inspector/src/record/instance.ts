import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { InstanceView } from '../view/view.js'

/**
 * Names an inspector from its start on, for pages that outlive it: after a restart ids begin anew,
 * and another instance behind the same address has others.
 */
export function newInstance(): InstanceView {
  return {
    id: randomBytes(9).toString('base64url'),
    name: `${hostname().slice(0, 100)}:${process.pid}`,
    startedAt: Date.now(),
  }
}
