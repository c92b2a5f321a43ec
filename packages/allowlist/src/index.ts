export { Allowlist, defineAllowlist } from './allowlist.js'
export { AllowlistError, type AllowlistErrorCode } from './allowlist-error.js'
export type {
  DecisionMessage,
  EntriesLoadedMessage,
  EntryChangedMessage,
  ReplacedMessage,
} from './channels.js'
export { VerifiedCrawlers, verifiedCrawlers } from './crawlers/crawlers.js'
export type { Crawler } from './crawlers/known.js'
export type { CrawlersOptions } from './crawlers/options.js'
export { CrowdSecDecisions, type CrowdSecStatus, crowdsecDecisions } from './crowdsec/crowdsec.js'
export type { CrowdSecDecision } from './crowdsec/decision.js'
export type { CrowdSecOptions } from './crowdsec/options.js'
export type { Decision, DecisionReason } from './decision.js'
export type { GeoFacts } from './geo/facts.js'
export { Geo, type GeoStatus, openGeo } from './geo/geo.js'
export type { GeoOptions } from './geo/options.js'
export type { AllowlistOptions } from './options.js'
export type { Escalation } from './shared/networks.js'
export type { SharedChange, SharedEntriesOptions, SharedEntryOptions } from './shared/options.js'
export { SharedEntries, type SharedEntriesStatus, sharedEntries } from './shared/shared-entries.js'
export type { SharedEntry } from './shared/shared-entry.js'
