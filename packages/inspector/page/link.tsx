import type { ComponentChildren, VNode } from 'preact'

interface Props {
  /** What kind of node it is. */
  readonly kind: 'server' | 'hop' | 'trusted' | 'client' | 'undetermined' | 'omitted'
  /** Whether it follows another one, and is reached from there. */
  readonly follows: boolean
  readonly children: ComponentChildren
}

/** One node of a chain, with the arrow that leads to it: the two stay on one line. */
export function Link({ kind, follows, children }: Props): VNode {
  return (
    <li class="link">
      {follows && <Arrow />}
      <div class={`node ${kind}`}>{children}</div>
    </li>
  )
}

function Arrow(): VNode {
  return (
    <svg
      class="arrow"
      viewBox="0 0 40 16"
      width="40"
      height="16"
      aria-hidden="true"
      focusable="false"
    >
      <path d="M0 8h34" />
      <path d="M28 2l8 6-8 6" />
    </svg>
  )
}
