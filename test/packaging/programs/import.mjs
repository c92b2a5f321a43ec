import { runAll } from './programs.cjs'

await runAll((specifier) => import(specifier))
