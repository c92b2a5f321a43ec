/** The forms in which a policy can be taken along. */
export const EXPORTS = [
  ['file', 'policy file'],
  ['fastify', 'code for Fastify'],
  ['express', 'code for Express'],
] as const

export type Export = (typeof EXPORTS)[number][0]

const SCHEMA = 'https://unpkg.com/@truehop/identity/policy.schema.json'

/** `policy` is JSON that `definePolicy` took. */
export function exportedPolicy(form: Export, policy: string): string {
  const { $schema: named, ...options } = JSON.parse(policy) as Record<string, unknown>
  // The rest was validated; this may be nested too deeply to be written.
  const $schema = typeof named === 'string' ? named : SCHEMA
  const json = policyText(options)
  if (form === 'file') return `${policyText({ $schema, ...options })}\n`
  if (form === 'fastify') {
    return `import { truehop } from '@truehop/fastify'\n\nawait fastify.register(truehop, ${json})\n`
  }
  return [
    "import { truehop } from '@truehop/express'",
    '',
    `const identity = truehop(${json})`,
    'app.use(identity)',
    'identity.attach(app.listen(3000))',
    '',
  ].join('\n')
}

/** As one writes it: a list of texts stands on one line. */
export function policyText(policy: object): string {
  const text = JSON.stringify(policy, undefined, 2)
  return text.replace(/\[\s*("[^"]*"(?:,\s*"[^"]*")*)\s*\]/g, (_, list: string) => {
    return `[${list.replace(/,\s+/g, ', ')}]`
  })
}
