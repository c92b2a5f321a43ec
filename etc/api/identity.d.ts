import { Address } from '@truehop/ip';
import type { HeaderInput } from '@truehop/proxy-protocol/wire';
import type { Http2ServerRequest } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import type { NodeFault } from '@truehop/forwarded';
import type { PeerWithoutAddress } from '@truehop/ip/internal';
import type { ProxyHeader } from '@truehop/proxy-protocol/wire';
import type { Server } from 'node:net';
import type { SingleAddressForm } from '@truehop/forwarded';
import type { Tlv } from '@truehop/proxy-protocol/wire';
import { TruehopError } from '@truehop/ip';

type AssertionKind = 'proxy-protocol' | 'x-forwarded-for' | 'forwarded' | 'single' | 'nothing';

export function bindRequest(request: IdentifiableRequest, policy: Policy): void;

export function bindServer(server: Server, policy: Policy): () => void;

export type ClientIdentity = ResolvedIdentity | UndeterminedIdentity;

export interface Collapse {
    readonly advice: string;
    readonly client?: string | undefined;
    readonly kind: CollapseKind;
    readonly rule?: string | undefined;
    readonly seen: Readonly<Record<string, number>>;
}

export interface CollapsedMessage extends Collapse {
    readonly policy: Policy;
}

type CollapseKind = 'one-for-many' | 'infrastructure' | 'header-stopped';

interface CommonOptions {
    readonly maxHops?: number | undefined;
    readonly onConflict?: 'ignore' | 'reject' | undefined;
    readonly proxyProtocol?: ProxyProtocolSettings | undefined;
    readonly unmap?: readonly string[] | undefined;
}

interface CommonRangesOptions {
    readonly format: RangesFormat;
    readonly initial?: InitialRanges | undefined;
    readonly keep?: string | undefined;
    readonly maximumShrink?: number | undefined;
    readonly minimum?: number | undefined;
    readonly name?: string | undefined;
    readonly refresh?: number | undefined;
    readonly select?: RangesSelect | undefined;
    readonly staleAfter?: number | undefined;
    readonly widest?: {
        readonly ipv4?: number | undefined;
        readonly ipv6?: number | undefined;
    } | undefined;
}

type Confidence = 'documented by vendor' | 'source code' | 'stated by maintainer' | 'observed by users' | 'only inferred' | 'contradicting';

export interface Conflict {
    readonly claims: string;
    readonly source: string;
}

export interface ConflictMessage extends IdentityMessage {
    readonly conflicts: readonly Conflict[];
}

export interface ConnectionRefusal {
    readonly message: string;
    readonly reason: 'untrusted-peer' | 'missing' | 'http-without-header' | 'tls-without-header' | 'version-not-accepted' | 'header-in-payload';
}

export function connectionRefusal(policy: Policy, evidence: Evidence): ConnectionRefusal | undefined;

export interface ConnectionTlvs {
    readonly alpn?: string | undefined;
    readonly authority?: string | undefined;
    readonly awsVpcEndpointId?: string | undefined;
    readonly azureLinkId?: number | undefined;
    readonly googlePscConnectionId?: string | undefined;
    readonly uniqueId?: string | undefined;
}

interface Correction {
    readonly instead: string;
    readonly written: string;
}

export function definePolicy(options: PolicyOptions): Policy;

export interface Difference {
    readonly differs: readonly ('ip' | 'protocol' | 'host')[];
    readonly host: string | undefined;
    readonly identity: ClientIdentity;
    readonly protocol: string;
    readonly request: IdentifiableRequest;
    readonly trustProxy: string | undefined;
}

interface EdgeOnly {
    readonly compareWith?: 'trust proxy' | undefined;
    readonly onDifference?: ((difference: Difference) => void) | undefined;
    readonly onUndetermined?: OnUndetermined | undefined;
    readonly policy?: Policy | undefined;
}

export type EdgeOptions = (PolicyOptions | {
    readonly policy: Policy;
}) & Omit<EdgeOnly, 'policy'>;

export interface Evidence {
    readonly encrypted?: boolean | undefined;
    readonly headers?: HeaderFields | undefined;
    readonly headersTruncated?: boolean | undefined;
    readonly peer: string | undefined;
    readonly peerPort?: number | undefined;
    readonly proxyHeaders?: readonly ProxyHeader[] | undefined;
    readonly received?: boolean | undefined;
}

export function explain(policy: Policy, evidence: Evidence): Explanation;

interface ExplainedRequest extends OriginalRequest {
    readonly ignored: readonly string[];
}

export interface Explanation {
    readonly conflicts: readonly Conflict[];
    readonly identity: ClientIdentity;
    readonly ignored: readonly IgnoredClaim[];
    readonly original: ExplainedRequest;
    readonly steps: readonly WalkStep[];
}

interface FileRangesOptions extends CommonRangesOptions {
    readonly file: string;
}

interface Followed {
    close(): void;
}

export function formatExplanation(explanation: Explanation, input?: FormatOptions): string;

export interface FormatOptions {
    readonly paint?: Paint | undefined;
}

export function forwardedHeaders(identity: ClientIdentity, headers?: ReceivedFields, options?: ForwardedHeadersOptions): Record<string, string>;

export interface ForwardedHeadersOptions {
    readonly remove?: readonly string[] | undefined;
}

export function fromTrustProxy(value: TrustProxyValue, options?: TrustProxyOptions): Policy;

export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Hop {
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

export interface HopRule {
    readonly asserts: string;
    readonly custom?: boolean | undefined;
    readonly depth?: number | undefined;
    readonly form?: SingleAddressForm | undefined;
    readonly from: readonly (string | LiveRanges)[];
    readonly name?: string | undefined;
    readonly original?: readonly OriginalPart[] | undefined;
    readonly required?: boolean | undefined;
}

export interface HopsOptions extends CommonOptions {
    readonly hops: readonly (HopRule | PlatformEntry)[];
}

export type IdentifiableRequest = RawRequest | {
    readonly raw: RawRequest;
};

interface IdentityBase {
    readonly hops: number;
    readonly host: string | undefined;
    readonly nodes: readonly string[];
    readonly peer: string | undefined;
    readonly peerPort: number | undefined;
    readonly protocol: 'http' | 'https' | undefined;
    readonly rule: string | undefined;
    readonly tlvs: ConnectionTlvs | undefined;
}

export interface IdentityMessage {
    readonly identity: ClientIdentity;
    readonly request: RawRequest;
}

export function identityOf(request: IdentifiableRequest): ClientIdentity;

export interface IgnoredClaim {
    readonly source: string;
    readonly text: string;
    readonly why: IgnoredWhy;
}

type IgnoredWhy =
'no-rule'
| 'sender-untrusted'
| 'beyond-the-client';

interface InitialRanges {
    readonly date: string;
    readonly entries: readonly string[];
}

export type LineKind = 'plain' | 'read' | 'client' | 'undetermined' | 'ignored' | 'conflict';

export function lint(policy: Policy, now?: number): LintFinding[];

const LINT_CODES: readonly ['trusts-everyone', 'trusts-public-space', 'depth-direct-hit', 'empty-from', 'shadowed-rule', 'overlapping-rules', 'header-without-proxy', 'not-required', 'shared-cdn-header', 'stale-ranges', 'whole-provider', 'old-snapshot', 'ipv4-only', 'host-bits'];

export type LintCode = (typeof LINT_CODES)[number];

export interface LintFinding {
    readonly code: LintCode;
    readonly correction?: Correction | undefined;
    readonly message: string;
    readonly path: string;
    readonly severity: 'error' | 'warning' | 'info';
}

export interface LiveRanges {
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

class LiveSource implements LiveRanges {
    constructor(settings: RangesSettings, files?: 'now' | 'later');
    close(): void;
    entries(): Generator<string>;
    has(address: Address): boolean;
    match(address: Address): {
        readonly entry: string;
    } | undefined;
    readonly name: string;
    readonly ready: Promise<void>;
    refresh(): Promise<void>;
    readonly selectable: readonly string[];
    status(): RangesStatus;
}

export function loadPolicy(path: string): Policy;

interface LocalEnd {
    readonly localAddress?: string | undefined;
    readonly localPort?: number | undefined;
}

interface NodeMatcher extends PeerMatcher {
    hasIpv4(word: number): boolean;
}

export type OnUndetermined = 'reject' | 'continue';

class OpenedRanges {
    constructor(followed: readonly Followed[]);
    putInForce(): void;
    refused(): void;
}

export function openPolicy(path: string): Promise<Policy>;

export function openRanges(options: RangesOptions): Promise<LiveSource>;

export type OriginalPart = 'proto' | 'host' | 'port';

interface OriginalRequest {
    readonly host: string | undefined;
    readonly hostSource: string | undefined;
    readonly portSource: string | undefined;
    readonly protocol: 'http' | 'https' | undefined;
    readonly protocolSource: string | undefined;
}

interface OutgoingFields {
    getHeaders(): ReceivedFields;
    removeHeader(name: string): void;
    setHeader(name: string, value: string): unknown;
}

type Paint = (line: string, kind: LineKind) => string;

interface PeerMatcher {
    has(node: WalkNode): boolean;
    match(node: WalkNode): {
        readonly entry: string;
    } | undefined;
}

export interface Place {
    readonly column: number;
    readonly line: number;
}

export interface Platform {
    readonly clientCanInfluence: string;
    readonly closesDirectAccess: string;
    readonly healthChecks: string;
    readonly id: string;
    readonly name: string;
    readonly parameters: readonly PlatformParameter[];
    readonly peer: string;
    readonly peers: readonly string[];
    readonly proxyProtocol: string;
    readonly ranges: PlatformRanges | undefined;
    readonly retired?: string | undefined;
    readonly rules: Readonly<Record<string, readonly PlatformRule[]>>;
    readonly scheme: string;
    readonly silentBehind?: readonly string[] | undefined;
    readonly sources: readonly PlatformSource[];
    readonly writes: readonly PlatformHeader[];
}

export interface PlatformEntry {
    readonly from?: HopRule['from'] | undefined;
    readonly header?: string | undefined;
    readonly name?: string | undefined;
    readonly platform: string;
}

interface PlatformHeader {
    readonly form: string;
    readonly mode: string;
    readonly name: string;
    readonly note: string;
}

export interface PlatformOptions extends CommonOptions, PlatformEntry {
}

interface PlatformParameter {
    readonly name: 'from' | 'header';
    readonly required: boolean;
    readonly says: string;
    readonly values?: readonly string[] | undefined;
}

interface PlatformRanges {
    readonly date?: string | undefined;
    readonly format?: string | undefined;
    readonly source: string;
}

interface PlatformRule {
    readonly asserts: string;
    readonly depth?: number | undefined;
    readonly from?: readonly string[] | undefined;
    readonly name?: string | undefined;
    readonly original: readonly OriginalPart[];
    readonly required?: boolean | undefined;
}

export const platforms: readonly Platform[];

interface PlatformSource {
    readonly confidence: Confidence;
    readonly read: string;
    readonly what: string;
}

export class Policy {
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

const POLICY_ERROR_CODES: readonly ['bad-policy', 'unknown-option', 'missing-hops', 'bad-hops', 'bad-name', 'missing-from', 'bad-from', 'bad-cidr', 'bad-prefix', 'bad-asserts', 'bad-header', 'bad-form', 'bad-count', 'bad-required', 'bad-original', 'bad-max-hops', 'bad-on-conflict', 'bad-unmap', 'bad-proxy-protocol', 'bad-replacement', 'bad-file', 'repeated-name', 'bad-environment', 'no-equivalent', 'bad-ranges', 'bad-compare-with', 'bad-on-undetermined', 'bad-platform'];

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

export interface PolicyCounts {
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

export class PolicyError extends TruehopError {
    constructor(code: PolicyErrorCode, path: string, detail: string, file?: string, problems?: readonly PolicyProblem[]);
    readonly code: PolicyErrorCode;
    readonly detail: string;
    readonly name = "PolicyError";
    readonly problems: readonly PolicyProblem[];
}

export type PolicyErrorCode = (typeof POLICY_ERROR_CODES)[number];

export function policyFromEnvironment(environment?: PolicyEnvironment): Policy | undefined;

export function policyFromText(text: string, name: string): Policy;

export function policyOf(request: IdentifiableRequest): Policy | undefined;

export type PolicyOptions = HopsOptions | TrustOptions | PlatformOptions;

export interface PolicyProblem {
    readonly code: PolicyErrorCode;
    readonly correction?: Correction | undefined;
    readonly detail: string;
    readonly path: string;
    readonly place?: Place | undefined;
}

export interface PolicyReplacedMessage {
    readonly policy: Policy;
    readonly status: PolicyStatus;
}

export interface PolicySnapshot {
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

export interface PolicyStatus {
    readonly hops: readonly {
        readonly name: string;
        readonly asserts: string;
        readonly ranges: readonly RangesStatus[];
    }[];
    readonly since: number;
    readonly version: number;
}

export const providers: {
    readonly akamai: {
        readonly source: 'https://techdocs.akamai.com/property-manager/pdfs/akamai_ipv4_ipv6_CIDRs-txt.zip';
        readonly format: 'lines';
        readonly date: '2026-11-30';
        readonly entries: readonly ["184.24.0.0/13", "2.16.0.0/13", "23.0.0.0/12", "23.192.0.0/11", "23.32.0.0/11", "95.100.0.0/15", "2405:9600::/32", "2600:1400::/24", "2a02:26f0::/32"];
    };
    readonly 'azure-front-door': {
        readonly source: 'https://www.microsoft.com/download/details.aspx?id=56519';
        readonly format: 'azure-service-tags';
        readonly date: '2026-11-30';
        readonly entries: readonly ["4.153.250.0/29", "4.153.250.8/31", "4.166.36.192/29", "4.188.12.0/28", "4.188.12.16/30", "4.189.206.22/31", "4.189.206.24/30", "4.189.206.32/28", "4.189.210.0/29", "4.189.210.8/31", "4.191.90.16/28", "4.195.6.159/32", "4.195.7.120/31", "4.196.135.200/29", "4.196.135.208/28", "4.198.222.0/29", "4.207.187.39/32", "4.207.187.66/31", "4.208.117.112/28", "4.213.28.114/31", "4.213.81.64/29", "4.221.234.152/29", "4.223.184.164/30", "4.232.98.120/29", "13.73.248.16/29", "20.15.221.168/29", "20.17.126.64/29", "20.21.37.40/29", "20.36.120.104/29", "20.37.64.104/29", "20.37.156.120/29", "20.37.195.0/29", "20.37.224.104/29", "20.38.84.72/29", "20.38.136.104/29", "20.39.11.8/29", "20.41.4.88/29", "20.41.64.120/29", "20.41.192.104/29", "20.42.4.120/29", "20.42.129.152/29", "20.42.224.104/29", "20.43.41.136/29", "20.43.65.128/29", "20.43.130.80/29", "20.45.112.104/29", "20.45.192.104/29", "20.59.103.64/29", "20.72.18.248/29", "20.79.107.152/29", "20.88.157.176/29", "20.90.132.152/29", "20.113.254.88/29", "20.115.247.64/29", "20.118.195.128/29", "20.119.155.128/29", "20.150.160.96/29", "20.165.78.75/32", "20.189.106.112/29", "20.192.161.104/29", "20.192.225.48/29", "20.210.70.64/30", "20.215.4.240/29", "20.217.44.240/29", "40.67.48.104/29", "40.74.30.72/29", "40.80.56.104/29", "40.80.168.104/29", "40.80.184.120/29", "40.82.248.248/29", "40.89.16.104/29", "48.192.88.228/30", "48.192.88.232/29", "48.192.136.20/30", "48.194.5.188/30", "48.194.6.0/29", "48.194.6.17/32", "48.194.6.18/31", "48.223.58.96/28", "51.12.41.8/29", "51.12.193.8/29", "51.53.30.144/29", "51.57.123.64/28", "51.104.25.128/29", "51.105.80.104/29", "51.105.88.104/29", "51.107.48.104/29", "51.107.144.104/29", "51.120.40.104/29", "51.120.224.104/29", "51.137.160.112/29", "52.136.48.104/29", "52.140.104.104/29", "52.150.136.120/29", "52.159.71.160/29", "52.228.80.120/29", "57.165.83.216/29", "68.210.172.176/29", "68.221.93.128/29", "69.15.0.0/16", "102.133.56.88/29", "102.133.216.88/29", "135.222.195.0/29", "135.222.195.8/31", "145.191.109.48/28", "147.243.0.0/16", "157.55.93.2/31", "158.23.108.56/29", "172.166.242.232/29", "172.179.226.0/29", "172.179.226.8/31", "172.199.23.76/30", "172.199.23.80/29", "172.199.128.49/32", "172.199.232.0/29", "172.199.232.8/31", "172.204.165.112/29", "172.207.68.70/31", "172.207.69.80/30", "191.233.9.120/29", "191.235.225.128/29", "2603:1000:4::600/123", "2603:1000:104::e0/123", "2603:1000:104::300/123", "2603:1000:104:1::5c0/123", "2603:1000:104:1::7e0/123", "2603:1010:6:1::5c0/123", "2603:1010:6:1::7e0/123", "2603:1010:101::600/123", "2603:1010:304::600/123", "2603:1010:404::600/123", "2603:1010:502:2::420/123", "2603:1020:5:1::5c0/123", "2603:1020:5:1::7e0/123", "2603:1020:104:3::120/123", "2603:1020:206:1::5c0/123", "2603:1020:206:1::7e0/123", "2603:1020:305::600/123", "2603:1020:405::600/123", "2603:1020:605::600/123", "2603:1020:705:1::5c0/123", "2603:1020:705:1::7e0/123", "2603:1020:805:1::5c0/123", "2603:1020:805:1::7e0/123", "2603:1020:905::600/123", "2603:1020:a04:1::5c0/123", "2603:1020:a04:1::7e0/123", "2603:1020:b04::600/123", "2603:1020:c04:1::5c0/123", "2603:1020:c04:1::7e0/123", "2603:1020:d04::600/123", "2603:1020:e04:1::5c0/123", "2603:1020:e04:1::7e0/123", "2603:1020:f04::600/123", "2603:1020:1004::5c0/123", "2603:1020:1004::7e0/123", "2603:1020:1104::680/123", "2603:1020:1204:2::e0/123", "2603:1020:1302:1::1c0/123", "2603:1020:1403:2::140/123", "2603:1030:f:1::600/123", "2603:1030:10:1::5c0/123", "2603:1030:10:1::7e0/123", "2603:1030:104:1::5c0/123", "2603:1030:104:1::7e0/123", "2603:1030:107::6a0/123", "2603:1030:210:1::5c0/123", "2603:1030:210:1::7e0/123", "2603:1030:40b:1::5c0/123", "2603:1030:40c:1::5c0/123", "2603:1030:40c:1::7e0/123", "2603:1030:504:1::5c0/123", "2603:1030:504:1::7e0/123", "2603:1030:608::600/123", "2603:1030:702:2::140/123", "2603:1030:807:1::5c0/123", "2603:1030:807:1::7e0/123", "2603:1030:a07::600/123", "2603:1030:b04::600/123", "2603:1030:c06:1::5c0/123", "2603:1030:f05:1::5c0/123", "2603:1030:f05:1::7e0/123", "2603:1030:1005::600/123", "2603:1040:5::e0/123", "2603:1040:5:1::5c0/123", "2603:1040:5:1::7e0/123", "2603:1040:207::600/123", "2603:1040:407:1::5c0/123", "2603:1040:407:1::7e0/123", "2603:1040:606::600/123", "2603:1040:806::600/123", "2603:1040:904:1::5c0/123", "2603:1040:904:1::7e0/123", "2603:1040:a06::e0/123", "2603:1040:a06:1::5c0/123", "2603:1040:a06:1::7e0/123", "2603:1040:b04::600/123", "2603:1040:c06::600/123", "2603:1040:d04::5c0/123", "2603:1040:d04::7e0/123", "2603:1040:e05:6::1a0/123", "2603:1040:f05:1::5c0/123", "2603:1040:f05:1::7e0/123", "2603:1040:1002:1::1e0/123", "2603:1040:1104::680/123", "2603:1040:1302:1::4e0/123", "2603:1040:1402:1::1c0/123", "2603:1040:1602:2::300/123", "2603:1050:6:1::5c0/123", "2603:1050:6:1::7e0/123", "2603:1050:403::5c0/123", "2a01:111:20a::/48", "2a01:111:2050::/44"];
    };
    readonly bunny: {
        readonly source: 'https://api.bunny.net/system/edgeserverlist';
        readonly format: 'bunny';
        readonly date: '2026-05-29';
        readonly entries: readonly ["89.187.188.227", "89.187.188.228", "139.180.134.196", "89.187.162.249", "89.187.162.242", "185.102.217.65", "185.93.1.243", "156.146.40.49", "185.59.220.199", "185.59.220.198", "195.181.166.158", "185.180.12.68", "138.199.24.209", "138.199.24.211", "79.127.216.111", "79.127.216.112", "89.187.169.47", "138.199.24.218", "185.40.106.117", "200.25.45.4", "200.25.57.5", "193.162.131.1", "200.25.11.8", "200.25.53.5", "200.25.13.98", "41.242.2.18", "200.25.62.5", "200.25.38.69", "200.25.42.70", "200.25.36.166", "194.242.11.186", "94.20.154.22", "185.93.1.244", "143.244.49.177", "138.199.46.66", "138.199.37.227", "138.199.37.231", "138.199.37.230", "138.199.37.229", "138.199.46.69", "138.199.46.68", "138.199.46.67", "185.93.1.246", "138.199.37.232", "195.181.163.196", "195.181.163.195", "84.17.46.53", "212.102.40.114", "84.17.46.54", "138.199.40.58", "143.244.38.134", "143.244.38.136", "185.152.64.17", "84.17.59.115", "89.187.165.194", "138.199.15.193", "37.19.216.130", "185.93.1.247", "185.93.3.244", "143.244.49.179", "143.244.49.180", "138.199.9.104", "185.152.66.243", "143.244.49.178", "169.150.221.147", "200.25.18.73", "84.17.63.178", "200.25.32.131", "37.19.207.34", "37.19.207.38", "192.189.65.146", "143.244.45.177", "185.93.1.249", "185.93.1.250", "169.150.215.115", "209.177.87.197", "156.146.56.162", "156.146.56.161", "185.93.2.246", "185.93.2.245", "212.102.40.113", "185.93.2.244", "143.244.50.82", "143.244.50.83", "156.146.56.163", "129.227.217.178", "129.227.217.179", "200.25.69.94", "200.25.16.103", "102.67.138.155", "156.146.43.65", "195.181.163.203", "195.181.163.202", "156.146.56.169", "156.146.56.170", "156.146.56.166", "156.146.56.171", "169.150.207.210", "156.146.56.167", "143.244.50.84", "143.244.50.85", "143.244.50.86", "143.244.50.87", "156.146.56.168", "169.150.207.211", "212.102.50.59", "146.185.248.15", "143.244.50.90", "143.244.50.91", "143.244.50.88", "143.244.50.209", "143.244.50.213", "143.244.50.214", "143.244.49.183", "143.244.50.89", "143.244.50.210", "143.244.50.211", "143.244.50.212", "5.42.206.66", "94.46.27.186", "169.150.207.213", "169.150.207.214", "169.150.207.215", "169.150.207.212", "169.150.219.114", "169.150.202.210", "169.150.242.193", "185.93.1.251", "169.150.207.216", "169.150.207.217", "169.150.238.19", "102.219.126.20", "156.59.66.182", "122.10.251.130", "185.24.11.18", "138.199.36.7", "138.199.36.8", "138.199.36.9", "138.199.36.10", "138.199.36.11", "138.199.37.225", "84.17.46.49", "84.17.37.217", "169.150.225.35", "169.150.225.36", "169.150.225.37", "169.150.225.38", "169.150.225.39", "169.150.225.34", "169.150.236.97", "169.150.236.98", "169.150.236.99", "169.150.236.100", "93.189.63.149", "143.244.56.49", "143.244.56.50", "143.244.56.51", "169.150.247.40", "169.150.247.33", "169.150.247.34", "169.150.247.35", "169.150.247.36", "169.150.247.37", "169.150.247.38", "169.150.247.39", "38.142.94.218", "87.249.137.52", "38.104.169.186", "66.181.163.74", "84.17.38.227", "84.17.38.228", "84.17.38.229", "84.17.38.230", "84.17.38.231", "84.17.38.232", "169.150.225.41", "169.150.225.42", "169.150.249.162", "169.150.249.163", "169.150.249.164", "169.150.249.165", "169.150.249.166", "169.150.249.167", "169.150.249.168", "169.150.249.169", "185.131.64.124", "103.112.0.22", "37.236.234.2", "169.150.252.209", "212.102.46.118", "192.169.120.162", "93.180.217.214", "37.19.203.178", "107.155.47.146", "193.201.190.174", "156.59.95.218", "129.227.186.154", "195.238.127.98", "200.25.22.6", "204.16.244.92", "200.25.70.101", "139.180.209.182", "103.108.231.41", "103.108.229.5", "103.216.220.9", "169.150.225.40", "212.102.50.49", "212.102.50.52", "109.61.83.242", "109.61.83.243", "212.102.50.50", "169.150.225.43", "45.125.247.57", "103.235.199.170", "128.1.35.170", "38.32.110.58", "169.150.220.228", "169.150.220.229", "169.150.220.230", "169.150.220.231", "138.199.4.179", "207.211.214.145", "109.61.86.193", "103.214.20.95", "178.175.134.51", "138.199.4.178", "172.255.253.140", "185.24.11.19", "109.61.83.244", "109.61.83.245", "84.17.38.250", "84.17.38.251", "146.59.69.202", "146.70.80.218", "200.25.80.74", "79.127.213.214", "79.127.213.215", "79.127.213.216", "79.127.213.217", "195.69.140.112", "109.61.83.247", "109.61.83.246", "185.93.2.248", "109.61.83.249", "109.61.83.250", "109.61.83.251", "46.199.75.115", "141.164.35.160", "109.61.83.97", "109.61.83.98", "109.61.83.99", "129.227.179.18", "185.180.14.250", "152.89.160.26", "5.189.202.62", "98.98.242.142", "156.59.92.126", "84.17.59.117", "79.127.216.66", "79.127.204.113", "79.127.237.132", "169.150.236.104", "169.150.236.105", "37.27.135.61", "158.51.123.205", "156.146.43.70", "156.146.43.71", "156.146.43.72", "180.149.231.175", "185.93.2.243", "143.244.56.52", "143.244.56.53", "143.244.56.54", "143.244.56.55", "143.244.56.56", "143.244.56.57", "143.244.56.58", "144.76.236.44", "88.198.57.50", "78.46.69.199", "136.243.16.49", "138.201.86.122", "136.243.42.90", "88.99.95.221", "178.63.2.112", "5.9.98.45", "136.243.42.10", "169.150.236.106", "169.150.236.107", "185.93.1.242", "185.93.1.245", "143.244.60.193", "195.181.163.194", "79.127.188.193", "79.127.188.196", "79.127.188.194", "79.127.188.195", "104.166.144.106", "156.59.126.78", "185.135.85.154", "38.54.5.37", "38.54.3.92", "185.165.170.74", "207.121.75.132", "207.121.80.12", "207.121.80.172", "207.121.90.60", "138.199.24.219", "185.93.2.251", "138.199.46.65", "154.95.86.76", "5.9.99.73", "78.46.92.118", "144.76.65.213", "78.46.156.89", "88.198.9.155", "144.76.79.22", "37.19.207.37", "208.83.234.224", "79.127.237.104", "79.127.243.187", "45.156.248.73", "79.127.134.225", "79.127.134.226", "79.127.134.227", "79.127.134.228", "79.127.134.229", "79.127.134.230", "79.127.134.231", "79.127.134.130", "79.127.134.131", "79.127.134.132", "79.127.134.234", "79.127.134.235", "185.111.111.154", "185.111.111.155", "185.111.111.156", "185.111.111.157", "185.111.111.158", "185.111.111.159", "185.111.111.160", "141.227.142.242", "94.128.254.166", "195.206.229.69", "200.25.86.90", "148.113.190.161", "46.151.194.242", "46.151.194.243", "212.102.40.120", "213.170.143.100", "154.93.86.71", "143.244.60.196", "143.244.60.197", "143.244.60.195", "79.127.134.129", "79.127.134.133", "152.233.22.97", "152.233.22.98", "152.233.22.100", "152.233.22.99", "152.233.22.101", "152.233.22.102", "152.233.22.103", "107.182.163.162", "116.202.155.146", "116.202.193.178", "116.202.224.168", "188.40.126.227", "88.99.26.189", "168.119.39.238", "88.99.26.97", "168.119.12.188", "176.9.139.55", "142.132.223.79", "142.132.223.80", "142.132.223.81", "46.4.116.17", "46.4.119.81", "167.235.114.167", "159.69.68.171", "178.63.21.52", "46.4.120.152", "116.202.80.247", "5.9.71.119", "195.201.11.156", "78.46.123.17", "46.4.113.143", "136.243.2.236", "195.201.81.217", "148.251.42.123", "94.130.68.122", "88.198.22.103", "46.4.102.90", "157.90.180.205", "162.55.135.11", "195.201.109.59", "148.251.41.244", "116.202.235.16", "128.140.70.141", "78.46.74.86", "78.46.74.85", "178.63.41.242", "178.63.41.247", "178.63.41.234", "104.237.53.74", "104.237.54.154", "104.237.51.58", "64.185.235.90", "64.185.234.114", "64.185.232.194", "64.185.232.178", "64.185.232.82", "103.60.15.169", "103.60.15.170", "103.60.15.171", "103.60.15.172", "103.60.15.173", "103.60.15.162", "103.60.15.163", "103.60.15.164", "103.60.15.165", "103.60.15.166", "103.60.15.167", "103.60.15.168", "176.9.139.94", "148.251.129.132", "148.251.131.73", "148.251.131.74", "136.243.70.170", "148.251.131.238", "109.248.43.116", "109.248.43.117", "109.248.43.162", "109.248.43.163", "109.248.43.164", "109.248.43.165", "49.12.71.27", "49.12.0.158", "78.47.94.156", "109.248.43.159", "109.248.43.160", "109.248.43.208", "109.248.43.179", "109.248.43.232", "109.248.43.231", "109.248.43.241", "109.248.43.236", "109.248.43.240", "109.248.43.103", "116.202.118.194", "116.202.80.29", "159.69.57.80", "139.180.129.216", "139.99.174.7", "89.187.169.18", "143.244.38.133", "89.187.179.7", "169.150.213.50", "143.244.62.213", "185.93.3.246", "195.181.163.198", "185.152.64.19", "84.17.37.211", "212.102.50.54", "212.102.46.115", "169.150.238.21", "169.150.207.51", "169.150.207.49", "84.17.38.226", "84.17.38.225", "37.19.222.248", "37.19.222.249", "212.102.46.119", "84.17.38.234", "84.17.38.233", "169.150.247.179", "169.150.247.180", "212.102.43.88", "89.187.169.26", "109.61.89.57", "109.61.89.58", "109.61.83.241", "84.17.38.243", "84.17.38.244", "84.17.38.246", "84.17.38.247", "84.17.38.245", "143.244.38.129", "84.17.38.248", "89.187.176.34", "185.152.64.23", "79.127.213.209", "79.127.213.210", "84.17.37.209", "156.146.43.68", "185.93.3.243", "79.127.219.198", "138.199.33.57", "79.127.242.89", "138.199.4.136", "169.150.220.235", "138.199.4.129", "138.199.4.177", "37.19.222.34", "46.151.193.85", "79.127.237.99", "212.104.158.30", "212.104.158.31", "212.104.158.32", "212.104.158.33", "212.104.158.34", "212.104.158.28", "212.104.158.29", "212.104.158.35", "212.104.158.36", "212.104.158.37", "212.104.158.17", "212.104.158.18", "212.104.158.19", "212.104.158.20", "212.104.158.21", "212.104.158.22", "212.104.158.24", "212.104.158.26", "89.187.184.177", "89.187.184.179", "89.187.184.173", "89.187.184.178", "89.187.184.176", "212.104.158.25", "212.104.158.27", "212.104.158.67", "212.104.158.10", "212.104.158.12", "212.104.158.64", "212.104.158.16", "212.104.158.23", "212.104.158.54", "2400:52e0:1500::714:1", "2400:52e0:1500::715:1", "2400:52e0:1500::747:1", "2400:52e0:1500::749:1", "2400:52e0:1500::782:1", "2400:52e0:1500::858:1", "2400:52e0:1500::867:1", "2400:52e0:1500::868:1", "2400:52e0:1500::869:1", "2400:52e0:1500::944:1", "2400:52e0:1500::945:1", "2400:52e0:1500::955:1", "2400:52e0:1500::977:1", "2400:52e0:1500::978:1", "2400:52e0:1500::979:1", "2400:52e0:1500::980:1", "2400:52e0:1500::981:1", "2400:52e0:1500::982:1", "2400:52e0:1500::988:1", "2400:52e0:1500::989:1", "2400:52e0:1500::1020:1", "2400:52e0:1500::1021:1", "2400:52e0:1500::1022:1", "2400:52e0:1500::1024:1", "2400:52e0:1500::1030:1", "2400:52e0:1500::1031:1", "2400:52e0:1500::1091:1", "2400:52e0:1500::1092:1", "2400:52e0:1500::1093:1", "2400:52e0:1500::1094:1", "2400:52e0:1500::1095:1", "2400:52e0:1500::1096:1", "2400:52e0:1500::1173:1", "2400:52e0:1500::1174:1", "2400:52e0:1500::1179:1", "2400:52e0:1500::1180:1", "2400:52e0:1500::1181:1", "2400:52e0:1500::1182:1", "2400:52e0:1500::1272:1", "2400:52e0:1500::1274:1", "2400:52e0:1501::990:1", "2400:52e0:1501::1061:1", "2400:52e0:1501::1062:1", "2400:52e0:1501::1063:1", "2400:52e0:1501::1064:1", "2400:52e0:1501::1065:1", "2400:52e0:1501::1066:1", "2400:52e0:1501::1097:1", "2400:52e0:1501::1098:1", "2400:52e0:1501::1143:1", "2400:52e0:1501::1145:1", "2400:52e0:1501::1146:1", "2400:52e0:1501::1147:1", "2400:52e0:1501::1148:1", "2400:52e0:1501::1149:1", "2400:52e0:1501::1150:1", "2400:52e0:1501::1171:1", "2400:52e0:1501::1172:1", "2400:52e0:1501::1184:1", "2400:52e0:1501::1185:1", "2400:52e0:1501::1188:1", "2400:52e0:1501::1189:1", "2400:52e0:1501::1190:1", "2400:52e0:1501::1193:1", "2400:52e0:1501::1194:1", "2400:52e0:1501::1195:1", "2400:52e0:1502::1059:1", "2400:52e0:1690::1156:1", "2400:52e0:1690::1157:1", "2400:52e0:1690::1158:1", "2400:52e0:1690::1159:1", "2400:52e0:1690::1160:1", "2400:52e0:1690::1168:1", "2400:52e0:1690::1341:1", "2400:52e0:1a00::718:1", "2400:52e0:1a00::845:1", "2400:52e0:1a00::871:1", "2400:52e0:1a00::894:1", "2400:52e0:1a00::940:1", "2400:52e0:1a00::941:1", "2400:52e0:1a00::1029:1", "2400:52e0:1a00::1067:1", "2400:52e0:1a00::1068:1", "2400:52e0:1a00::1069:1", "2400:52e0:1a00::1070:1", "2400:52e0:1a00::1206:2", "2400:52e0:1a00::1207:2", "2400:52e0:1a00::1232:1", "2400:52e0:1a00::1233:1", "2400:52e0:1a00::1234:1", "2400:52e0:1a00::1235:1", "2400:52e0:1a00::1236:1", "2400:52e0:1a00::1346:1", "2400:52e0:1a00::1347:1", "2400:52e0:1a00::1348:1", "2400:52e0:1a01::852:1", "2400:52e0:1a01::899:1", "2400:52e0:1a01::900:1", "2400:52e0:1a01::907:1", "2400:52e0:1a01::912:1", "2400:52e0:1a01::953:1", "2400:52e0:1a01::954:1", "2400:52e0:1a01::984:1", "2400:52e0:1a01::985:1", "2400:52e0:1a01::986:1", "2400:52e0:1a01::987:1", "2400:52e0:1a01::992:1", "2400:52e0:1a01::993:1", "2400:52e0:1a01::994:1", "2400:52e0:1a01::995:1", "2400:52e0:1a01::996:1", "2400:52e0:1a01::997:1", "2400:52e0:1a01::998:1", "2400:52e0:1a01::999:1", "2400:52e0:1a01::1000:1", "2400:52e0:1a01::1001:1", "2400:52e0:1a01::1002:1", "2400:52e0:1a01::1108:1", "2400:52e0:1a01::1109:1", "2400:52e0:1a01::1110:1", "2400:52e0:1a01::1111:1", "2400:52e0:1a01::1112:1", "2400:52e0:1a01::1113:1", "2400:52e0:1a01::1114:1", "2400:52e0:1a01::1115:1", "2400:52e0:1a02::876:1", "2400:52e0:1a02::878:1", "2400:52e0:1a02::974:1", "2400:52e0:1a02::975:1", "2400:52e0:1a02::976:1", "2400:52e0:1a02::1210:1", "2400:52e0:1a02::1211:1", "2400:52e0:1a02::1212:1", "2400:52e0:1a02::1239:1", "2400:52e0:1a02::1240:1", "2400:52e0:1a02::1241:1", "2400:52e0:1a02::1242:1", "2400:52e0:1a02::1243:1", "2400:52e0:1a02:2::1351:1", "2400:52e0:1a02:2::1352:1", "2400:52e0:1a02:2::1353:1", "2400:52e0:1a02:2::1354:1", "2400:52e0:1a02:2::1355:1", "2400:52e0:1a02:2::1356:1", "2400:52e0:1a02:2::1357:1", "2400:52e0:1a04::1310:1", "2400:52e0:1a06::1025:1", "2400:52e0:1e00::722:1", "2400:52e0:1e00::723:1", "2400:52e0:1e00::752:1", "2400:52e0:1e00::755:1", "2400:52e0:1e00::860:1", "2400:52e0:1e00::863:1", "2400:52e0:1e00::864:1", "2400:52e0:1e00::865:1", "2400:52e0:1e00::874:1", "2400:52e0:1e00::1047:1", "2400:52e0:1e00::1048:1", "2400:52e0:1e00::1049:1", "2400:52e0:1e00::1053:1", "2400:52e0:1e00::1054:1", "2400:52e0:1e00::1055:1", "2400:52e0:1e00::1075:1", "2400:52e0:1e00::1076:1", "2400:52e0:1e00::1077:1", "2400:52e0:1e00::1078:1", "2400:52e0:1e00::1079:1", "2400:52e0:1e00::1080:1", "2400:52e0:1e00::1081:1", "2400:52e0:1e00::1082:1", "2400:52e0:1e00:2::1328:1", "2400:52e0:1e00:2::1329:1", "2400:52e0:1e00:2::1330:1", "2400:52e0:1e00:2::1331:1", "2400:52e0:1e00:2::1332:1", "2400:52e0:1e00:2::1333:1", "2400:52e0:1e00:2::1334:1", "2400:52e0:1e01::879:1", "2400:52e0:1e01::883:1", "2400:52e0:1e01::1056:1", "2400:52e0:1e02::946:1", "2400:52e0:1e02::947:1", "2400:52e0:1e02::951:1", "2400:52e0:1e02::1072:1", "2400:52e0:1e02::1073:1", "2400:52e0:1e02::1074:1", "2400:52e0:1e02::1187:1", "2400:52e0:1e02::1214:1", "2400:52e0:1e02::1215:1", "2400:52e0:1e02::1216:1", "2400:52e0:1e02::1217:1", "2400:52e0:1e02::1218:1", "2400:52e0:1e02::1219:1", "2400:52e0:1e02::1220:1", "2400:52e0:1e02::1221:1", "2400:52e0:1e02::1273:1", "2400:52e0:1e02::1315:1", "2400:52e0:1e02::1316:1", "2400:52e0:1e02::1317:1", "2400:52e0:1e02::1318:1", "2400:52e0:1e02::1319:1", "2400:52e0:1e02::1320:1", "2400:52e0:1e02::1321:1", "2400:52e0:1e02::1323:1", "2400:52e0:1e02::1324:1", "2400:52e0:1e02::1325:1", "2400:52e0:1e02::1326:1", "2400:52e0:1e02::1327:1", "2400:52e0:1e02::1349:1", "2400:52e0:1e02::1350:1", "2400:52e0:1e03::886:1", "2400:52e0:1e03::1205:1", "2400:52e0:1e03::1312:1", "2400:52e0:1e04::888:1", "2400:52e0:1e04::1202:1", "2400:52e0:1e05::887:1", "2400:52e0:1e05::1204:1", "2400:52e0:1e06::895:1", "2400:52e0:1e07::1161:1", "2400:52e0:1e08::1046:1", "2400:52e0:1e09::889:1", "2a02:6ea0:c454::1", "2a02:6ea0:c454::2", "2a02:6ea0:e009::893:1", "2a02:6ea0:c113:2::911:1", "2a02:6ea0:e605:1::915:1", "2a02:6ea0:d70d:1::919:1", "2a02:6ea0:f904::1163:1", "2800:1e0:2410:1::9", "2800:1e0:2420:2::69", "2001:550:2:dc::5e:2", "2001:550:2:6f::f3:2", "2001:550:2:38::28:2", "2602:ffe4:c34:2093::ff", "2602:ffe4:c54:277::ff", "2602:ffe4:c09:106::1154", "2607:fdc0:1:2d:f6ee:8ff:fe3e:a1cc", "2404:f780:0:2::d", "2404:f780:0:2::f", "2404:f780:0:2::11", "2404:f780:0:2::13", "2404:f780:0:2::15", "2404:f780:5:cafe::13", "2001:41d0:605:ca00::1175:1", "2001:41d0:ab07::2:0:23d", "2401:c080:1c01:5a:ba3f:d2ff:fe0a:94b0", "2a0b:21c0:2000:208f::ff", "2a01:4f9:3070:3934::2", "2001:1900:22b3:160d::4", "2001:1900:22b3:1610::4", "2001:1900:22b3:1612::4", "2001:1900:22b3:1613::4", "2001:19f0:c000:c8cd:5400:05ff:fe7a:0fb7", "2607:5300:20e:a100::", "2607:f2d8:4010:5b::1358:1", "2a01:4f8:201:122f::2", "2a01:4f8:222:556::2", "2a01:4f8:120:5193::2", "2a01:4f8:211:29a1::2", "2a01:4f8:172:2217::2", "2a01:4f8:212:a46::2", "2a01:4f8:10a:201f::2", "2a01:4f8:201:4425::2", "2a01:4f8:162:3029::2", "2a01:4f8:212:a19::2", "2a01:4f8:162:3148::2", "2a01:4f8:120:71ae::2", "2a01:4f8:191:74ec::2", "2a01:4f8:190:6405::2", "2a01:4f8:222:2a05::2", "2a01:4f8:192:c4::2", "2a01:4f8:c17:aec0::1", "2a01:4f8:c17:fc7::1", "2a01:4f8:c17:20b2::1", "2a04:ff07:d9:12::1", "2a04:ff07:d9:13::1", "2a04:ff07:d9:39::1", "2a04:ff07:d9:3::1", "2a04:ff07:d9:3a::1", "2a04:ff07:d9:3b::1", "2a04:ff07:d9:1::1", "2a04:ff07:d9:1b::1"];
    };
    readonly cloudflare: {
        readonly source: 'https://api.cloudflare.com/client/v4/ips';
        readonly format: 'cloudflare';
        readonly date: '2026-09-23';
        readonly entries: readonly ["173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18", "108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17", "162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22", "2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32", "2a06:98c0::/29", "2c0f:f248::/32"];
    };
    readonly cloudfront: {
        readonly source: 'https://ip-ranges.amazonaws.com/ip-ranges.json';
        readonly format: 'aws-ip-ranges';
        readonly date: '2026-09-23';
        readonly entries: readonly ["3.10.17.128/25", "3.11.53.0/24", "3.29.40.64/26", "3.29.40.128/26", "3.29.40.192/26", "3.29.57.0/26", "3.35.130.128/25", "3.101.158.0/23", "3.107.43.128/25", "3.107.44.0/25", "3.107.44.128/25", "3.128.93.0/24", "3.134.215.0/24", "3.146.232.0/22", "3.147.164.0/22", "3.147.244.0/22", "3.160.0.0/14", "3.164.0.0/18", "3.164.64.0/18", "3.164.128.0/17", "3.165.0.0/16", "3.166.0.0/15", "3.168.0.0/14", "3.172.0.0/18", "3.172.64.0/18", "3.173.0.0/17", "3.173.128.0/18", "3.173.192.0/18", "3.174.0.0/15", "3.231.2.0/25", "3.234.232.224/27", "3.236.48.0/23", "3.236.169.192/26", "13.32.0.0/15", "13.35.0.0/16", "13.54.63.128/26", "13.59.250.0/26", "13.113.196.64/26", "13.113.203.0/24", "13.124.199.0/24", "13.134.24.0/23", "13.134.94.0/23", "13.203.133.0/26", "13.210.67.128/26", "13.224.0.0/14", "13.228.69.0/24", "13.233.177.192/26", "13.249.0.0/16", "15.158.0.0/16", "15.188.184.0/24", "15.207.13.128/25", "15.207.213.128/25", "18.64.0.0/14", "18.68.0.0/16", "18.154.0.0/15", "18.160.0.0/15", "18.164.0.0/15", "18.172.0.0/15", "18.175.65.0/24", "18.175.66.0/24", "18.175.67.0/24", "18.192.142.0/23", "18.199.68.0/22", "18.199.72.0/22", "18.199.76.0/22", "18.200.212.0/23", "18.216.170.128/25", "18.229.220.192/26", "18.230.229.0/24", "18.230.230.0/25", "18.238.0.0/15", "18.244.0.0/15", "23.91.0.0/19", "23.228.212.0/24", "23.228.213.0/24", "23.228.214.0/24", "23.228.220.0/24", "23.228.221.0/24", "23.228.222.0/24", "23.228.223.0/24", "23.228.244.0/24", "23.228.246.0/24", "23.228.247.0/24", "23.228.248.0/24", "23.228.249.0/24", "23.228.250.0/24", "23.228.251.0/24", "23.234.192.0/18", "24.110.32.0/19", "24.110.128.0/17", "34.195.252.0/24", "34.216.51.0/25", "34.223.12.224/27", "34.223.80.192/26", "34.226.14.0/24", "35.93.168.0/23", "35.93.170.0/23", "35.93.172.0/23", "35.158.136.0/24", "35.162.63.192/26", "35.167.191.128/26", "36.103.232.0/25", "36.103.232.128/26", "43.218.56.64/26", "43.218.56.128/26", "43.218.56.192/26", "43.218.71.0/26", "44.220.194.0/23", "44.220.196.0/23", "44.220.198.0/23", "44.220.200.0/23", "44.220.202.0/23", "44.222.66.0/24", "44.227.178.0/24", "44.234.90.252/30", "44.234.108.128/25", "47.129.82.0/24", "47.129.83.0/24", "47.129.84.0/24", "51.44.234.0/23", "51.44.236.0/23", "51.44.238.0/23", "51.74.192.0/18", "52.15.127.128/26", "52.46.0.0/18", "52.47.139.0/24", "52.52.191.128/26", "52.56.127.0/25", "52.57.254.0/24", "52.66.194.128/26", "52.78.247.128/26", "52.82.128.0/19", "52.84.0.0/15", "52.124.128.0/17", "52.199.127.192/26", "52.212.248.0/26", "52.220.191.0/26", "52.222.128.0/17", "54.182.0.0/16", "54.192.0.0/16", "54.230.0.0/17", "54.230.128.0/18", "54.230.200.0/21", "54.230.208.0/20", "54.230.224.0/19", "54.233.255.128/26", "54.239.128.0/18", "54.239.192.0/19", "54.240.128.0/18", "56.125.46.0/24", "56.125.47.0/32", "56.125.48.0/24", "57.182.253.0/24", "57.183.42.0/25", "58.254.138.0/25", "58.254.138.128/26", "64.252.64.0/18", "64.252.128.0/18", "65.8.0.0/16", "65.9.0.0/17", "65.9.128.0/18", "70.132.0.0/18", "71.152.0.0/17", "99.79.169.0/24", "99.84.0.0/16", "99.86.0.0/16", "108.138.0.0/15", "108.156.0.0/14", "111.13.171.128/26", "111.13.171.192/26", "111.13.185.32/27", "111.13.185.64/27", "116.129.226.0/25", "116.129.226.128/26", "118.193.97.64/26", "118.193.97.128/25", "119.147.182.0/25", "119.147.182.128/26", "120.52.12.64/26", "120.52.22.96/27", "120.52.39.128/27", "120.52.153.192/26", "120.232.236.0/25", "120.232.236.128/26", "120.253.240.192/26", "120.253.241.160/27", "120.253.245.128/26", "120.253.245.192/27", "130.176.0.0/17", "130.176.128.0/18", "130.176.192.0/19", "130.176.224.0/20", "143.204.0.0/16", "144.220.0.0/16", "180.163.57.0/25", "180.163.57.128/26", "204.246.164.0/22", "204.246.168.0/22", "204.246.172.0/24", "204.246.173.0/24", "204.246.174.0/23", "204.246.176.0/20", "205.251.202.0/23", "205.251.204.0/23", "205.251.206.0/23", "205.251.208.0/20", "205.251.249.0/24", "205.251.250.0/23", "205.251.252.0/23", "205.251.254.0/24", "216.137.32.0/19", "2001:3fc6:20::/43", "2400:7fc0:500::/40", "2404:c2c0:500::/40", "2409:8c00:2421:300::/56", "2409:8c00:2421:400::/56", "2600:9000:ddd::/48", "2600:9000:eee::/48", "2600:9000:fff::/48", "2600:9000:1000::/36", "2600:9000:2000::/36", "2600:9000:3000::/36", "2600:9000:4000::/36", "2600:9000:5200::/40", "2600:9000:5308::/45", "2600:9000:5310::/44", "2600:9000:5320::/43", "2600:9000:5340::/42", "2600:9000:5380::/41", "2600:9000:6000::/36", "2600:9000:f000::/38", "2600:9000:f400::/40", "2600:9000:f500::/43", "2600:9000:f520::/44", "2600:9000:f534::/46", "2600:9000:f538::/45", "2600:9000:f540::/42", "2600:9000:f580::/41", "2600:9000:f600::/39", "2600:9000:f800::/37", "2600:f0f0:601::/48", "2600:f0f0:602::/47", "2600:f0f0:5504::/46"];
    };
    readonly fastly: {
        readonly source: 'https://api.fastly.com/public-ip-list';
        readonly format: 'fastly';
        readonly date: '2026-09-23';
        readonly entries: readonly ["23.235.32.0/20", "43.249.72.0/22", "103.244.50.0/24", "103.245.222.0/23", "103.245.224.0/24", "104.156.80.0/20", "140.248.64.0/18", "140.248.128.0/17", "146.75.0.0/17", "151.101.0.0/16", "157.52.64.0/18", "167.82.0.0/17", "167.82.128.0/20", "167.82.160.0/20", "167.82.224.0/20", "172.111.64.0/18", "185.31.16.0/22", "199.27.72.0/21", "199.232.0.0/16", "2a04:4e40::/32", "2a04:4e42::/32"];
    };
    readonly 'google-front-ends': {
        readonly source: 'https://cloud.google.com/load-balancing/docs/firewall-rules';
        readonly format: 'lines';
        readonly date: '2026-11-30';
        readonly entries: readonly ["35.191.0.0/16", "130.211.0.0/22", "2600:2d00:1:b029::/64", "2600:2d00:1:1::/64"];
    };
};

export function proxyHeaderFor(identity: ClientIdentity, local: LocalEnd, options?: {
    readonly version?: 1 | 2 | undefined;
    readonly tlvs?: readonly Tlv[] | undefined;
}): HeaderInput | undefined;

interface ProxyProtocolPolicy extends ProxyProtocolSettings {
    readonly from: PeerMatcher;
}

export interface ProxyProtocolSettings {
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

export function questionsOf(policy: Policy): readonly RuleAnswers[];

const RANGE_FORMATS: readonly ['lines', 'aws-ip-ranges', 'cloudflare', 'fastly', 'google', 'github', 'spamhaus-drop', 'azure-service-tags', 'oracle', 'bunny', 'akamai', 'json'];

type RangesFormat = (typeof RANGE_FORMATS)[number];

export function rangesFrom(options: RangesOptions): LiveSource;

export interface RangesMessage {
    readonly status: RangesStatus;
}

export type RangesOptions = FileRangesOptions | UrlRangesOptions;

type RangesSelect = Readonly<Record<string, readonly string[]>>;

interface RangesSettings {
    readonly file: string | undefined;
    readonly format: RangesFormat;
    readonly initial: InitialRanges | undefined;
    readonly keep: string | undefined;
    readonly maximumShrink: number;
    readonly minimum: number;
    readonly name: string;
    readonly refresh: number;
    readonly select: RangesSelect;
    readonly staleAfter: number;
    readonly url: URL | undefined;
    readonly widest: Widest;
}

interface RangesStatus {
    readonly lastError: string | undefined;
    readonly name: string;
    readonly size: number;
    readonly stale: boolean;
    readonly updatedAt: number;
    readonly version: string | undefined;
}

export type RawRequest = IncomingMessage | Http2ServerRequest;

type ReceivedFields = Readonly<Record<string, Value>>;

export function resolve(policy: Policy, evidence: Evidence): ClientIdentity;

export interface ResolvedIdentity extends IdentityBase {
    readonly address: Address;
    readonly ip: string;
    readonly port: number | undefined;
    readonly reason: ResolvedReason;
    readonly source: string;
    readonly status: 'resolved';
}

export interface ResolvedMessage extends IdentityMessage {
    readonly evidence: Evidence;
    readonly policy: Policy;
}

export type ResolvedReason =
'peer-untrusted'
| 'header-missing'
| 'first-untrusted'
| 'chain-exhausted'
| 'count'
| 'proxy-local'
| 'proxy-unknown'
| 'proxy-unspec';

export interface RuleAnswers {
    readonly assertedBy: readonly string[];
    readonly consumedBy: string;
    readonly field: string;
    readonly rule: string;
}

export { TruehopError }

export interface TrustOptions extends CommonOptions {
    readonly custom?: boolean | undefined;
    readonly depth?: number | undefined;
    readonly form?: SingleAddressForm | undefined;
    readonly header: string;
    readonly original?: readonly OriginalPart[] | undefined;
    readonly required?: boolean | undefined;
    readonly trust: readonly (string | LiveRanges)[];
}

export interface TrustProxyOptions {
    readonly from?: readonly string[] | undefined;
}

type TrustProxyValue = boolean | number | string | readonly string[] | ((address: string, hop: number) => boolean) | null | undefined;

export class UnboundRequestError extends TruehopError {
    constructor();
    readonly code = "unbound-request";
    readonly name = "UnboundRequestError";
}

export interface UndeterminedIdentity extends IdentityBase {
    readonly address?: undefined;
    readonly entry: string | undefined;
    readonly ip?: undefined;
    readonly lastTrustedHop: string | undefined;
    readonly port?: undefined;
    readonly reason: UndeterminedReason;
    readonly source: string;
    readonly status: 'undetermined';
}

export type UndeterminedReason = NodeFault
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

export interface UntrustedClaimMessage extends IdentityMessage {
    readonly source: string;
}

interface UrlRangesOptions extends CommonRangesOptions {
    readonly url: string;
}

type Value = string | readonly string[] | number | undefined;

type WalkNode = Address | PeerWithoutAddress;

export interface WalkStep {
    readonly asserts: string;
    readonly ends: string | undefined;
    readonly entry: string;
    readonly next: string | undefined;
    readonly node: string;
    readonly port: number | undefined;
    readonly rule: string;
}

interface Widest {
    readonly 4: number;
    readonly 6: number;
}

export function writeForwardedHeaders(request: OutgoingFields, identity: ClientIdentity, options?: ForwardedHeadersOptions): void;
