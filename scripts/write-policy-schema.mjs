// Writes packages/identity/policy.schema.json from the code that validates policies.
import './help.mjs'
import { writeFileSync } from 'node:fs'
import { policySchema } from '../packages/identity/dist/policy/schema.js'

const file = new URL('../packages/identity/policy.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(policySchema(), null, 2)}\n`)
