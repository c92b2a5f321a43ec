import type { Expected, Path } from './paths.js'
import { type Answer, ask } from './question.js'
import type { Sighting, Sightings } from './sightings.js'
import type { Site } from './site.js'

/** What became of one request. */
export interface Outcome {
  readonly path: Path
  readonly site: Site
  readonly answer: Answer
  /** Undefined where no application got a request. */
  readonly sighting: Sighting | undefined
  /** Why no application got one. */
  readonly refusal: string | undefined
  /** What is wrong with it: nobody's disagreement, and what the path must come to. */
  readonly faults: readonly string[]
  /** Answers of log, allowlist and limiter that were compared with the identity. */
  readonly compared: number
}

/** Sends one request along a path and collects what everybody saw of it. */
export async function walkPath(site: Site, path: Path, sightings: Sightings): Promise<Outcome> {
  const target = `/${site.name.toLowerCase()}/${path.slug}`
  const from = site.cast[path.from]
  const answer = await ask({
    from,
    to: site[path.enter].facing(from),
    path: target,
    headers: path.header === undefined ? {} : { 'x-forwarded-for': path.header(site.cast) },
    preamble: path.preamble,
  })
  const refusal = sightings.takeRefusal()
  if ('refused' in path.expected) return refused(site, path, answer, refusal)
  const sighting = await sightings.take(target)
  const witnesses = witnessesOf(sighting)
  const faults = [
    ...disagreements(sighting, witnesses),
    ...unexpected(path.expected, site, sighting),
  ]
  return { path, site, answer, sighting, refusal, faults, compared: witnesses.length }
}

function refused(site: Site, path: Path, answer: Answer, reason: string | undefined): Outcome {
  const refusal = reason ?? (answer.status === 400 ? 'not HTTP' : undefined)
  const expected = 'refused' in path.expected ? path.expected.refused : undefined
  const faults = refusal === expected ? [] : [`expected a refusal (${expected}), got ${refusal}`]
  return { path, site, answer, sighting: undefined, refusal, faults, compared: 0 }
}

/** The client's address, as every consumer names it. */
export function clientOf({ identity }: Sighting): string {
  return identity?.status === 'resolved' ? identity.ip : 'unknown'
}

/**
 * The consumers that had to see the client, and what they saw: a refused request has an access
 * record only.
 */
function witnessesOf({ identity, log, allowlist, limiter }: Sighting): Witness[] {
  const record = { who: 'the log', saw: log }
  if (identity?.status === 'undetermined') return [record]
  return [record, { who: 'the allowlist', saw: allowlist }, { who: 'the limiter', saw: limiter }]
}

interface Witness {
  readonly who: string
  readonly saw: string | undefined
}

function disagreements(sighting: Sighting, witnesses: readonly Witness[]): string[] {
  const client = clientOf(sighting)
  return witnesses
    .filter(({ saw }) => saw !== client)
    .map(({ who, saw }) => `${who} saw ${saw ?? 'nobody'}, the identity is ${client}`)
}

function unexpected(expected: Expected, { cast }: Site, { identity }: Sighting): string[] {
  const wanted =
    'client' in expected
      ? `${cast[expected.client]} ${expected.reason}`
      : `unknown ${'undetermined' in expected ? expected.undetermined : ''}`
  const got = `${identity?.status === 'resolved' ? identity.ip : 'unknown'} ${identity?.reason}`
  return got === wanted ? [] : [`expected ${wanted}, got ${got}`]
}
