/** A text as a YAML scalar: in double quotes, as JSON has it, which YAML reads the same. */
export const scalar = (text: string): string => JSON.stringify(text)

/** A name and its list, at an indentation; nothing for an empty one. */
export function list(indent: string, name: string, items: readonly string[]): string[] {
  if (items.length === 0) return []
  return [`${indent}${name}:`, ...items.map((item) => `${indent}- ${scalar(item)}`)]
}

/** The metadata and the target of a policy of the Gateway API. */
export function gatewayPolicy(apiVersion: string, kind: string, target: string): string[] {
  const [group, what, name] = target.split(' ')
  return [
    `apiVersion: ${apiVersion}`,
    `kind: ${kind}`,
    'metadata:',
    '  name: truehop',
    'spec:',
    '  targetRefs:',
    `  - group: ${scalar(group === 'core' ? '' : (group ?? ''))}`,
    `    kind: ${what}`,
    `    name: ${name}`,
  ]
}
