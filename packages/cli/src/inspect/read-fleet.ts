import { type Fleet, type FleetMember, readSnapshot } from '@truehop/inspector/fleet'
import { messageOf } from '../program/usage-error.js'
import { type Asking, fetchSnapshot } from './snapshot.js'

/** Instances that are asked at the same time. */
const AT_ONCE = 8

/** What each instance says, in the order of `urls`. One that does not answer is said, not thrown. */
export async function readFleet(urls: readonly URL[], asking: Asking): Promise<Fleet> {
  const members: FleetMember[] = []
  const waiting = [...urls.entries()]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, url] = next
      members[index] = await memberAt(url, asking)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { fleet: 1, at: Date.now(), members }
}

async function memberAt(url: URL, asking: Asking): Promise<FleetMember> {
  try {
    const snapshot = readSnapshot(await fetchSnapshot(url, asking))
    if (snapshot !== undefined) return { url: url.href, snapshot }
    return { url: url.href, problem: 'what it sends is not a snapshot of an inspector' }
  } catch (error) {
    return { url: url.href, problem: messageOf(error) }
  }
}
