import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { InstanceView } from '../view/view.js'

/**
 * This process, for pages that outlive it: after a restart ids begin anew, and another instance
 * behind the same address has others.
 */
export const INSTANCE: InstanceView = Object.freeze({
  id: randomBytes(9).toString('base64url'),
  name: `${hostname().slice(0, 100)}:${process.pid}`,
  startedAt: Math.round(Date.now() - process.uptime() * 1000),
})
