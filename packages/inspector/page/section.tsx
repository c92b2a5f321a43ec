import type { ComponentChildren, VNode } from 'preact'

interface Props {
  readonly id: string
  readonly title: string
  readonly children: ComponentChildren
}

export function Section({ id, title, children }: Props): VNode {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  )
}
