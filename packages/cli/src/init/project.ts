import { definePolicy, type Platform, platforms } from '@truehop/identity'
import { policyFile } from '../program/policy-file.js'
import { messageOf, UsageError } from '../program/usage-error.js'

export const FRAMEWORKS = ['fastify', 'express'] as const
export type Framework = (typeof FRAMEWORKS)[number]

/** The answer if nothing is in front. */
export const NOTHING = 'none'

/** What is known about the service: the answers to both questions, and its framework. */
export interface Surroundings {
  /** Id of a platform, or `none`. */
  readonly platform: string
  /** Addresses of the hop, if only the user knows them. */
  readonly from: readonly string[]
  readonly header?: string | undefined
  readonly framework: Framework
}

export interface ProjectFile {
  readonly name: string
  readonly text: string
}

export function platformNamed(id: string): Platform | undefined {
  return platforms.find((platform) => platform.id === id)
}

/** What has to be named for a platform's `from`; undefined if the platform knows its peers. */
export function neededFrom(id: string): string | undefined {
  const parameter = platformNamed(id)?.parameters.find(({ name }) => name === 'from')
  return parameter?.required === true ? parameter.says : undefined
}

/**
 * The policy file and the program.
 *
 * @throws {UsageError} for a policy that would be refused at start-up.
 */
export function projectFiles(surroundings: Surroundings): readonly ProjectFile[] {
  return [
    { name: 'truehop.policy.json', text: policyText(surroundings) },
    { name: 'server.mjs', text: programText(surroundings) },
  ]
}

function policyText({ platform, from, header }: Surroundings): string {
  const options =
    platform === NOTHING
      ? { hops: [] }
      : {
          platform,
          ...(from.length > 0 ? { from } : {}),
          ...(header === undefined ? {} : { header }),
        }
  try {
    definePolicy(options)
  } catch (error) {
    throw new UsageError(`that is not a policy: ${messageOf(error)}`)
  }
  return policyFile(options)
}

function programText(surroundings: Surroundings): string {
  const host = isOnThisMachine(surroundings) ? '127.0.0.1' : '::'
  const lines = surroundings.framework === 'fastify' ? fastifyLines(host) : expressLines(host)
  return `${lines.join('\n')}\n`
}

/** A proxy on the same machine needs only loopback, and then no other host gets in. */
function isOnThisMachine({ platform, from }: Surroundings): boolean {
  const entries = from.length > 0 ? from : (platformNamed(platform)?.peers ?? [])
  const isLocal = (entry: string) => entry === 'loopback' || /^127\.|^::1$/.test(entry)
  return entries.length > 0 && entries.every(isLocal)
}

const POLICY = `const policy = loadPolicy(fileURLToPath(new URL('truehop.policy.json', import.meta.url)))`

const listening = (host: string): string[] => [
  `const host = process.env.HOST ?? '${host}'`,
  'const port = Number(process.env.PORT ?? 3000)',
]

function fastifyLines(host: string): string[] {
  return [
    `import { fileURLToPath } from 'node:url'`,
    `import { truehop } from '@truehop/fastify'`,
    `import { loadPolicy } from '@truehop/identity'`,
    `import { fastify } from 'fastify'`,
    '',
    POLICY,
    ...listening(host),
    '',
    'const app = fastify({ logger: true })',
    '// Before anything that asks for the client.',
    'await app.register(truehop, { policy })',
    '',
    `app.get('/whoami', async (request) => ({`,
    '  client: request.clientIp,',
    '  why: request.clientIdentity.reason,',
    '}))',
    '',
    'await app.listen({ host, port })',
  ]
}

function expressLines(host: string): string[] {
  return [
    `import { fileURLToPath } from 'node:url'`,
    `import { truehop } from '@truehop/express'`,
    `import { loadPolicy } from '@truehop/identity'`,
    `import express from 'express'`,
    '',
    POLICY,
    ...listening(host),
    '',
    'const app = express()',
    '// Before anything that asks for the client.',
    'const identity = truehop({ policy })',
    'app.use(identity)',
    '',
    `app.get('/whoami', (request, response) => {`,
    '  response.json({ client: request.clientIp, why: request.clientIdentity.reason })',
    '})',
    '',
    '// Knows the upgrade requests of the server, and has it expect PROXY headers where a rule does.',
    'identity.attach(app.listen(port, host))',
  ]
}
