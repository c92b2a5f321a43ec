/** Snapshots of several inspectors in one page: for `truehop inspect`. */

export { fleetPage } from './fleet/fleet-page.js'
export { readSnapshot } from './fleet/read-snapshot.js'
export { policyKey } from './view/policy-key.js'
export type { Fleet, FleetMember, Snapshot } from './view/view.js'
