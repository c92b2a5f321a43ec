export { Allowlist, defineAllowlist } from './allowlist.js'
export { AllowlistError, type AllowlistErrorCode } from './allowlist-error.js'
export type {
  DecisionMessage,
  EntriesLoadedMessage,
  EntryChangedMessage,
  ReplacedMessage,
} from './channels.js'
export type { Decision, DecisionReason } from './decision.js'
export type { AllowlistOptions } from './options.js'
export type { Escalation } from './shared/networks.js'
export type { SharedChange, SharedEntriesOptions, SharedEntryOptions } from './shared/options.js'
export { SharedEntries, type SharedEntriesStatus, sharedEntries } from './shared/shared-entries.js'
export type { SharedEntry } from './shared/shared-entry.js'
