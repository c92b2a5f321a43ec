import type { VNode } from 'preact'
import type { Connection, Live } from './connection.js'
import { clock } from './moments.js'

const STATES: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  quiet: 'Nothing heard',
  lost: 'Connection lost, trying again',
  full: 'Too many pages open, trying again',
  denied: 'No longer let in, trying again',
}

/** Whether what is shown is what is happening, and from when it is if not. */
export function State({ live: { connection, heardAt } }: { live: Live }): VNode {
  const isOld = heardAt > 0 && connection !== 'live'
  return (
    <p class={`state ${connection}`} role="status">
      <span>{STATES[connection]}</span>
      {isOld && <span>; this is from {clock(heardAt)}</span>}
    </p>
  )
}
