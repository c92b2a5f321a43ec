import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { formatExplanation } from '@truehop/identity'
import { type Chain, explainChain } from './chain.js'

/** The pages under `docs` that show walks. */
export function pagesWithWalks(docs: string): string[] {
  const topologies = readdirSync(join(docs, 'topologies')).map((name) => join('topologies', name))
  return ['policy.md', ...topologies]
}

/** A page with the walks between `<!-- walk: name -->` and `<!-- end -->` replaced. */
export function withWalks(page: string, chains: readonly Chain[]): string {
  return page.replace(WALK, (_, name: string) => {
    const chain = chains.find((other) => other.name === name)
    if (chain === undefined) throw new Error(`there is no chain '${name}'`)
    const walk = formatExplanation(explainChain(chain))
    return `<!-- walk: ${name} -->\n\`\`\`text\n${walk}\n\`\`\`\n<!-- end -->`
  })
}

const WALK = /<!-- walk: ([\w-]+) -->.*?<!-- end -->/gs
