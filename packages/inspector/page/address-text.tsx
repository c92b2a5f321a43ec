import type { VNode } from 'preact'

/** An address or a list of them, which breaks into lines between groups and not inside one. */
export function AddressText({ text }: { readonly text: string }): VNode {
  const [first, ...groups] = text.split(/(?<=:)(?!:)/)
  return (
    <>
      {first}
      {groups.map((group, index) => [<wbr key={index} />, group])}
    </>
  )
}
