import { once } from 'node:events'
import { demoPolicy } from './app.js'
import { type Cast, findCast } from './cast.js'
import { startExpress } from './express-app.js'
import { startFastify } from './fastify-app.js'
import { introText } from './intro.js'
import { type Outcome, walkPath } from './outcome.js'
import { PATHS } from './paths.js'
import { reportText, summaryText } from './report.js'
import { recordText, serveText } from './serve.js'
import { Sightings } from './sightings.js'
import { buildSite, closeSite, type Site } from './site.js'
import { paletteFor } from './terminal.js'

export interface DemoOptions {
  /** Keeps running until SIGINT or SIGTERM. */
  readonly serve: boolean
  /** Who has which address; found out where it is left out. */
  readonly cast?: Cast | undefined
}

const print = (text: string): void => console.log(`\n${text}`)

/** Runs the demonstration and gives its exit code: 1 if there was a disagreement about a client. */
export async function runDemo({ serve, cast }: DemoOptions): Promise<number> {
  const found = cast ?? (await findCast())
  if (found === undefined) {
    console.error(NO_CAST)
    return 1
  }
  const sightings = new Sightings()
  const sites = await openSites(found, sightings)
  try {
    const agreed = await demonstrate(found, sites, sightings)
    if (serve) await keepServing(sites, sightings)
    return agreed ? 0 : 1
  } finally {
    await Promise.all(sites.map(closeSite))
  }
}

const NO_CAST =
  'The demonstration needs two addresses of this machine, and could bind neither 127.0.0.10 nor ::1. ' +
  'On macOS: sudo ifconfig lo0 alias 127.0.0.10, and so on for .20, .30, .40 and .50.'

async function openSites(cast: Cast, sightings: Sightings): Promise<Site[]> {
  const options = { policy: demoPolicy(cast), sightings }
  return [
    await buildSite('Fastify', cast, await startFastify({ ...options, listenAt: cast.fastify })),
    await buildSite('Express', cast, await startExpress({ ...options, listenAt: cast.express })),
  ]
}

/** Sends every request and prints the outcome; false if there was a disagreement. */
async function demonstrate(cast: Cast, sites: readonly Site[], sightings: Sightings) {
  const palette = paletteFor(process.stdout)
  print(introText(cast, sites, palette))
  const all: Outcome[] = []
  for (const site of sites) {
    const outcomes: Outcome[] = []
    for (const path of PATHS) outcomes.push(await walkPath(site, path, sightings))
    print(`${palette.bold(site.name)}\n\n${reportText(outcomes, palette)}`)
    all.push(...outcomes)
  }
  print(summaryText(all, palette))
  return all.every(({ faults }) => faults.length === 0)
}

async function keepServing(sites: readonly Site[], sightings: Sightings): Promise<void> {
  // Added before the output says that it runs; a second signal ends it at once.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  sightings.follow((record) => console.log(recordText(record)))
  print(serveText(sites, paletteFor(process.stdout)))
  await stopped
  print('Closing.')
}
