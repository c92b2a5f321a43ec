/** Where a package manager puts the schema: editors find it beside the file. */
const SCHEMA = './node_modules/@truehop/identity/policy.schema.json'

/** The text of a policy file, with its schema. */
export function policyFile(options: object): string {
  return `${JSON.stringify({ $schema: SCHEMA, ...options }, undefined, 2)}\n`
}
