import { Address } from '@truehop/ip';
import type { NodeFault } from '@truehop/forwarded';
import type { PeerWithoutAddress } from '@truehop/ip/internal';
import type { SingleAddressForm } from '@truehop/forwarded';

type AssertionKind = 'proxy-protocol' | 'x-forwarded-for' | 'forwarded' | 'single' | 'nothing';

type CollapseKind = 'one-for-many' | 'infrastructure' | 'header-stopped';

interface CommonOptions {
    readonly maxHops?: number | undefined;
    readonly onConflict?: 'ignore' | 'reject' | undefined;
    readonly proxyProtocol?: ProxyProtocolSettings | undefined;
    readonly unmap?: readonly string[] | undefined;
}

export interface Correctable {
    readonly code: string;
    readonly correction?: Correction | undefined;
    readonly path: string;
}

export interface CorrectedText<F> {
    readonly corrected: readonly F[];
    readonly text: string;
}

export function correctedText<F extends Correctable>(text: string, name: string, findings: readonly F[]): CorrectedText<F>;

interface Correction {
    readonly instead: string;
    readonly written: string;
}

interface Followed {
    close(): void;
}

interface Hop {
    readonly asserts: string;
    readonly depth: number;
    readonly entries: readonly (string | LiveRanges)[];
    readonly form: SingleAddressForm;
    readonly from: NodeMatcher;
    readonly kind: AssertionKind;
    readonly name: string;
    readonly original: readonly OriginalPart[];
    readonly required: boolean;
    readonly slot: number;
    readonly unmap: Unmap | undefined;
}

interface HopRule {
    readonly asserts: string;
    readonly custom?: boolean | undefined;
    readonly depth?: number | undefined;
    readonly form?: SingleAddressForm | undefined;
    readonly from: readonly (string | LiveRanges)[];
    readonly name?: string | undefined;
    readonly original?: readonly OriginalPart[] | undefined;
    readonly required?: boolean | undefined;
}

interface HopsOptions extends CommonOptions {
    readonly hops: readonly (HopRule | PlatformEntry)[];
}

interface LiveRanges {
    entries?(): Iterable<string>;
    has(address: Address): boolean;
    match?(address: Address): {
        readonly entry: string;
    } | undefined;
    readonly name: string;
    readonly ready?: Promise<void> | undefined;
    readonly selectable?: readonly string[] | undefined;
    status(): RangesStatus;
}

export function loadPolicy(path: string): Policy;

interface NodeMatcher extends PeerMatcher {
    hasIpv4(word: number): boolean;
}

class OpenedRanges {
    constructor(followed: readonly Followed[]);
    putInForce(): void;
    refused(): void;
}

export function openPolicy(path: string): Promise<Policy>;

type OriginalPart = 'proto' | 'host' | 'port';

interface PeerMatcher {
    has(node: WalkNode): boolean;
    match(node: WalkNode): {
        readonly entry: string;
    } | undefined;
}

interface Place {
    readonly column: number;
    readonly line: number;
}

type PlaceOf = (path: string) => Place | undefined;

export function placesIn(text: string, name: string): PlaceOf;

interface PlatformEntry {
    readonly from?: HopRule['from'] | undefined;
    readonly header?: string | undefined;
    readonly name?: string | undefined;
    readonly platform: string;
}

interface PlatformOptions extends CommonOptions, PlatformEntry {
}

class Policy {
    constructor(snapshot: PolicySnapshot, opened?: OpenedRanges);
    readonly counters: PolicyCounters;
    get current(): PolicySnapshot;
    onReplaced(listener: (policy: Policy) => void): () => void;
    get opened(): OpenedRanges | undefined;
    readonly proxySenders: PeerMatcher;
    replace(next: PolicyOptions | Policy): void;
    status(): PolicyStatus;
    toJSON(): PolicyStatus;
}

class PolicyCounters {
    countCollapse(kind: CollapseKind): void;
    countConflict(source: string): void;
    countDifference(): void;
    countLength(hops: number): boolean;
    countResolved(reason: ResolvedReason): void;
    countUndetermined(reason: UndeterminedReason): void;
    countUntrustedClaim(source: string): void;
    snapshot(): PolicyCounts;
}

interface PolicyCounts {
    readonly chainLengths: readonly number[];
    readonly collapses: Readonly<Partial<Record<CollapseKind, number>>>;
    readonly conflicts: Readonly<Record<string, number>>;
    readonly differences: number;
    readonly resolved: Readonly<Partial<Record<ResolvedReason, number>>>;
    readonly undetermined: Readonly<Partial<Record<UndeterminedReason, number>>>;
    readonly untrustedClaims: Readonly<Record<string, number>>;
}

interface PolicyEnvironment {
    readonly TRUEHOP_HEADER?: string | undefined;
    readonly TRUEHOP_PLATFORM?: string | undefined;
    readonly TRUEHOP_POLICY?: string | undefined;
    readonly TRUEHOP_TRUST?: string | undefined;
}

export function policyFromEnvironment(environment?: PolicyEnvironment): Policy | undefined;

export function policyFromText(text: string, name: string): Policy;

type PolicyOptions = HopsOptions | TrustOptions | PlatformOptions;

interface PolicySnapshot {
    readonly asserted: readonly string[];
    readonly hasLiveRanges: boolean;
    readonly hops: readonly Hop[];
    readonly maxHops: number;
    readonly onConflict: 'ignore' | 'reject';
    readonly proxyProtocol: ProxyProtocolPolicy | undefined;
    readonly unmap: Unmap | undefined;
    readonly vouchesForEvents: boolean;
    readonly warnings: readonly string[];
}

interface PolicyStatus {
    readonly hops: readonly {
        readonly name: string;
        readonly asserts: string;
        readonly ranges: readonly RangesStatus[];
    }[];
    readonly since: number;
    readonly version: number;
}

interface ProxyProtocolPolicy extends ProxyProtocolSettings {
    readonly from: PeerMatcher;
}

interface ProxyProtocolSettings {
    readonly crc32c?: 'verify' | 'ignore' | undefined;
    readonly direct?: 'reject' | 'accept' | undefined;
    readonly healthCheckFrom?: readonly string[] | undefined;
    readonly maxHeaderBytes?: number | undefined;
    readonly maxHeaders?: number | undefined;
    readonly maxPending?: number | undefined;
    readonly maxPendingPerPeer?: number | undefined;
    readonly mixedFamilies?: 'reject' | 'accept' | undefined;
    readonly name?: string | undefined;
    readonly optional?: boolean | undefined;
    readonly timeout?: number | undefined;
    readonly versions?: readonly (1 | 2)[] | undefined;
}

interface RangesStatus {
    readonly lastError: string | undefined;
    readonly name: string;
    readonly size: number;
    readonly stale: boolean;
    readonly updatedAt: number;
    readonly version: string | undefined;
}

interface RepeatedName {
    readonly again: Place;
    readonly first: Place;
    readonly path: string;
}

export function repeatedNames(text: string, name: string): readonly RepeatedName[];

type ResolvedReason =
'peer-untrusted'
| 'header-missing'
| 'first-untrusted'
| 'chain-exhausted'
| 'count'
| 'proxy-local'
| 'proxy-unknown'
| 'proxy-unspec';

interface TrustOptions extends CommonOptions {
    readonly custom?: boolean | undefined;
    readonly depth?: number | undefined;
    readonly form?: SingleAddressForm | undefined;
    readonly header: string;
    readonly original?: readonly OriginalPart[] | undefined;
    readonly required?: boolean | undefined;
    readonly trust: readonly (string | LiveRanges)[];
}

type UndeterminedReason = NodeFault
| 'no-peer'
| 'not-received'
| 'untrusted-unix-peer'
| 'unix-peer-asserts-nothing'
| 'untrusted-event'
| 'event-asserts-nothing'
| 'headers-truncated'
| 'header-required'
| 'chain-too-short'
| 'chain-too-long'
| 'address-hidden'
| 'conflicting-evidence';

type Unmap = (address: Address) => Address;

type WalkNode = Address | PeerWithoutAddress;
