const ANOMALY_KINDS: readonly ['undetermined', 'untrusted-claim', 'conflict', 'chain-length', 'difference', 'refused'];

type AnomalyKind = (typeof ANOMALY_KINDS)[number];

interface AnomalyView {
    readonly at: number;
    readonly detail?: string | undefined;
    readonly id: number;
    readonly kind: AnomalyKind;
    readonly peer?: string | undefined;
    readonly what: string;
}

interface AnswersView {
    readonly assertedBy: readonly string[];
    readonly consumedBy: string;
    readonly field: string;
    readonly more: number;
    readonly rule: string;
}

interface AnswerView {
    readonly complete: boolean;
    readonly ms: number;
    readonly status?: number | undefined;
}

interface BucketView {
    readonly anomalies: Readonly<Record<AnomalyKind, number>>;
    readonly at: number;
    readonly denied: number;
    readonly limited: number;
    readonly resolved: number;
}

interface ClientView {
    readonly client: string;
    readonly limit?: LimitView | undefined;
    readonly refused: number;
    readonly requests: number;
}

interface CollapseView {
    readonly advice: string;
    readonly client?: string | undefined;
    readonly kind: 'one-for-many' | 'infrastructure' | 'header-stopped';
    readonly last: number;
    readonly rule?: string | undefined;
    readonly seen: Readonly<Record<string, number>>;
    readonly since: number;
}

interface DecisionView {
    readonly answer?: AnswerView | undefined;
    readonly at: number;
    readonly changed: number;
    readonly evidence?: Trial | undefined;
    readonly id: number;
    readonly method: string;
    readonly path: string;
    readonly verdicts: readonly VerdictView[];
    readonly walk: WalkView;
}

interface FindingView {
    readonly code: string;
    readonly message: string;
    readonly path: string;
    readonly severity: 'error' | 'warning' | 'info';
}

export interface Fleet {
    readonly at: number;
    readonly fleet: 1;
    readonly members: readonly FleetMember[];
}

export type FleetMember = {
    readonly url: string;
    readonly snapshot: Snapshot;
} | {
    readonly url: string;
    readonly problem: string;
};

export function fleetPage(fleet: Fleet): string;

interface HopView {
    readonly asserts: string;
    readonly depth: number;
    readonly from: readonly string[];
    readonly more: number;
    readonly name: string;
    readonly ranges: readonly LiveRangesView[];
    readonly required: boolean;
}

interface IgnoredView {
    readonly source: string;
    readonly text: string;
    readonly why: string;
}

interface InstanceView {
    readonly id: string;
    readonly name: string;
    readonly startedAt: number;
}

interface LimitView {
    readonly limit: number;
    readonly name: string;
    readonly remaining: number;
    readonly resetsAt: number;
}

interface LiveRangesView {
    readonly from: readonly string[];
    readonly lastError?: string | undefined;
    readonly name: string;
    readonly size: number;
    readonly stale: boolean;
    readonly updatedAt: number;
    readonly version?: string | undefined;
}

interface OutcomeView {
    readonly client?: string | undefined;
    readonly port?: number | undefined;
    readonly reason: string;
    readonly rule?: string | undefined;
    readonly source: string;
    readonly status: 'resolved' | 'undetermined';
}

interface PolicyChangeView {
    readonly added: readonly string[];
    readonly at: number;
    readonly omitted: number;
    readonly removed: readonly string[];
    readonly version: number;
}

export function policyKey(input: PolicyView): string;

interface PolicyView {
    readonly answers: readonly AnswersView[];
    readonly findings: readonly FindingView[];
    readonly hops: readonly HopView[];
    readonly maxHops: number;
    readonly onConflict: 'ignore' | 'reject';
    readonly proxyProtocol?: {
        readonly direct: string;
        readonly optional: boolean;
    } | undefined;
    readonly since: number;
    readonly version: number;
}

export function readSnapshot(value: unknown): Snapshot | undefined;

export interface Snapshot extends Update {
    readonly history: readonly PolicyChangeView[];
    readonly policy: PolicyView;
    readonly snapshot: 1;
}

interface StepView {
    readonly asserts: string;
    readonly ends?: string | undefined;
    readonly entry: string;
    readonly next?: string | undefined;
    readonly node: string;
    readonly port?: number | undefined;
    readonly rule: string;
    readonly trustedBy?: string | undefined;
}

interface Trial {
    readonly headers: string;
    readonly peer: string;
    readonly proxy: string;
}

interface Update {
    readonly activity: readonly BucketView[];
    readonly address: string;
    readonly anomalies: readonly AnomalyView[];
    readonly bucketMs: number;
    readonly clients: readonly ClientView[];
    readonly collapses: readonly CollapseView[];
    readonly decisions: readonly DecisionView[];
    readonly history?: readonly PolicyChangeView[] | undefined;
    readonly instance: InstanceView;
    readonly keep: number;
    readonly now: number;
    readonly passedOver: number;
    readonly policy?: PolicyView | undefined;
}

interface VerdictView {
    readonly by: 'allowlist' | 'rate-limit';
    readonly name: string;
    readonly reason: string;
    readonly source?: string | undefined;
    readonly what: readonly string[];
    readonly word: 'allowed' | 'denied' | 'would-deny' | 'limited' | 'would-limit';
}

interface WalkView {
    readonly conflicts: readonly {
        readonly source: string;
        readonly claims: string;
    }[];
    readonly ignored: readonly IgnoredView[];
    readonly omitted: number;
    readonly outcome: OutcomeView;
    readonly peer?: string | undefined;
    readonly peerPort?: number | undefined;
    readonly steps: readonly StepView[];
}
