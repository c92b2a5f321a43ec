import { Address } from '@truehop/ip';
import type { ClientIdentity } from '@truehop/identity';
import type { Metered } from '@truehop/ip/internal';
import { Metrics } from '@truehop/ip/internal';
import { Problem } from '@truehop/identity/adapter';
import type { ProblemMembers } from '@truehop/identity/adapter';
import type { Request as Request_2 } from 'express';
import type { RequestHandler } from 'express';

class Allowlist<Request = unknown> {
    constructor(options: AllowlistOptions<Request>);
    add(side: Side, entry: string | Address, options?: EntryOptions): boolean;
    check(identity: ClientIdentity, request: Request, raw: object): Decision;
    decide(identity: ClientIdentity): Decision;
    readonly metrics: readonly Metrics[];
    readonly name: string;
    readonly refusal: Problem;
    remove(side: Side, entry: string | Address): boolean;
    replace(lists: Replacement): Promise<void>;
    runtimeEntries(side: Side): readonly TemporaryEntry[];
    size(side: Side): number;
    get warnings(): readonly string[];
}

function allowlist(lists: AllowlistOptions<Request_2> | Allowlist<Request_2>): RequestHandler & Metered;
export { allowlist }
export default allowlist;

interface AllowlistOptions<Request = unknown> {
    readonly allow?: ListInput | undefined;
    readonly body?: ProblemMembers | string | undefined;
    readonly deny?: ListInput | undefined;
    readonly geo?: Geo | undefined;
    readonly maxRuntimeEntries?: number | undefined;
    readonly mode?: 'enforce' | 'report' | undefined;
    readonly name?: string | undefined;
    readonly onRefused?: ((decision: Decision, request: Request) => void) | undefined;
    readonly status?: number | undefined;
}

interface Decision {
    readonly allowed: boolean;
    readonly client: string;
    readonly enforced: boolean;
    readonly entry: string | undefined;
    readonly identity: ClientIdentity;
    readonly list: 'allow' | 'deny' | 'none';
    readonly name: string;
    readonly reason: DecisionReason;
    readonly source: string | undefined;
}

type DecisionReason =
'allow-entry'
| 'deny-entry'
| 'not-in-allow'
| 'not-in-deny'
| 'undetermined';

interface EntryOptions {
    readonly note?: string | undefined;
    readonly ttl?: number | undefined;
}

class Geo {
    asn(number: unknown, path?: string): LiveSource;
    close(): void;
    country(code: unknown, path?: string): LiveSource;
    facts(address: Address): GeoFacts;
    readonly name: string;
    static open(options: GeoOptions): Promise<Geo>;
    refresh(): Promise<void>;
    status(): GeoStatus;
}

type GeoEntry = {
    readonly country: string;
    readonly asn?: undefined;
} | {
    readonly asn: number;
    readonly country?: undefined;
};

interface GeoFacts {
    readonly asn?: number | undefined;
    readonly country?: string | undefined;
    readonly organization?: string | undefined;
}

interface GeoOptions {
    readonly files: readonly string[];
    readonly name?: string | undefined;
    readonly refresh?: number | undefined;
}

interface GeoStatus {
    readonly files: readonly {
        readonly path: string;
        readonly builtAt: number;
    }[];
    readonly lastError: string | undefined;
    readonly name: string;
}

type ListInput = LiveSource | readonly (string | LiveSource | GeoEntry)[];

interface LiveSource {
    has(address: Address): boolean;
    match?(address: Address): {
        readonly entry: string;
    } | undefined;
    readonly name: string;
    status?(): LiveSourceStatus;
}

interface LiveSourceStatus {
    readonly pending?: number | undefined;
    readonly size: number;
    readonly stale?: boolean | undefined;
    readonly updatedAt?: number | undefined;
}

interface Replacement {
    readonly allow?: ListInput | undefined;
    readonly deny?: ListInput | undefined;
}

type Side = 'allow' | 'deny';

interface TemporaryEntry {
    readonly entry: string;
    readonly expires: number | undefined;
    readonly note: string | undefined;
}
