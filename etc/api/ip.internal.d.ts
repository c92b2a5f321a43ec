class Address {
    bytes(): Uint8Array;
    equals(other: Address): boolean;
    readonly family: 4 | 6;
    static fromBytes(bytes: Uint8Array, offset: number, length: 4 | 16): Address;
    static ipv4(word: number): Address;
    static ipv6(w0: number, w1: number, w2: number, w3: number): Address;
    isUnicast(): boolean;
    isUnspecified(): boolean;
    get text(): string;
    toJSON(): string;
    toString(): string;
    get w0(): number;
    get w1(): number;
    get w2(): number;
    get w3(): number;
}

export function atOnce<T>(work: Slices<T>): T;

class Blocks<T> {
    [Symbol.iterator](): Generator<T>;
    get(index: number): T | undefined;
    get length(): number;
    push(value: T): void;
}

export function boolean<const D extends Details<boolean>>(details: D): D & {
    type: string;
    schema: {
        description: string;
    } | undefined;
    read(value: unknown, path: string, report: Report): boolean;
};

export interface Bounds {
    readonly least: number;
    readonly most?: number;
}

export function brand(target: Branded, shape: string): void;

interface Branded {
    readonly prototype: object;
}

export function callback<F extends (...values: never[]) => unknown>(form?: string): <const D extends Details<F>>(details: D) => D & {
    type: string;
    schema: {
        description: string;
    } | undefined;
    read(value: unknown, path: string, report: Report): F;
};

export function choice(words: readonly string[]): string;

export function codeIn<C extends string>(codes: readonly C[], code: string, otherwise: NoInfer<C>): C;

export function correctedPrefix(entry: string): string | undefined;

export interface Correction {
    readonly instead: string;
    readonly written: string;
}

export function custom<T>(read: Option<T>['read'], type: string, schema: JsonSchema | undefined): <const D extends Details<T>>(details: D) => D & {
    type: string;
    schema: {
        description: string;
    } | undefined;
    read: (value: unknown, path: string, report: Report) => T;
};

export interface Details<T> {
    readonly code?: string;
    readonly default?: T;
    readonly defaultSays?: string;
    readonly hint?: string;
    readonly required?: true;
    readonly says: string;
    readonly see?: string;
    readonly unit?: string;
}

export function embeddedIpv4(address: Address, prefix: Prefix): Address | undefined;

export const ENTRIES_PER_SLICE = 512;

type Entry = string | Prefix;

interface Family<Table> {
    readonly spellings: Spellings;
    readonly table: Table;
}

export type Fields = Readonly<Record<string, Option<unknown>>>;

export type FieldsOf<T> = {
    readonly [K in keyof Required<T>]: Option<unknown>;
};

export function immediateCallback<F extends (...values: never[]) => unknown>(form?: string): <const D extends Details<F>>(details: D) => D & {
    type: string;
    schema: {
        description: string;
    } | undefined;
    read(value: unknown, path: string, report: Report): F;
};

export function instance<T>(what: string, accepts: (value: unknown) => value is T): <const D extends Details<T>>(details: D) => D & {
    type: string;
    schema: {
        description: string;
    } | undefined;
    read(value: unknown, path: string, report: Report): T;
};

export interface Instrument {
    readonly description: string;
    readonly kind: 'counter' | 'up-down-counter' | 'gauge';
    readonly name: string;
    readonly unit: string;
}

export function integer<const D extends Details<number> & Bounds>(details: D): D & {
    type: string;
    schema: {
        description: string;
    } | undefined;
    read(value: unknown, path: string, report: Report): number;
};

export function ipv4Before(text: string, start: number, end: number, found: {
    word: number;
}): number;

class Ipv4Table {
    address(row: number): Address;
    find(bits: number): number;
    has(word: number): boolean;
    length(row: number): number;
    static of(prefixes: SortedPrefixes): Slices<Ipv4Table>;
    readonly size: number;
}

export function ipv4Text(word: number): string;

class Ipv6Table {
    address(row: number): Address;
    find(w0: number, w1: number, w2: number, w3: number): number;
    length(row: number): number;
    static of(prefixes: SortedPrefixes): Slices<Ipv6Table>;
    readonly size: number;
}

export function isAsync(value: unknown): boolean;

export function isRecord(value: unknown): value is Record<string, unknown>;

export function isUnicastIpv4(word: number): boolean;

export type JsonSchema = Readonly<Record<string, unknown>>;

export function list<T, const D extends Details<readonly T[]> & ListBounds>(element: Option<T>, details: D): D & {
    type: string;
    schema: Readonly<Record<string, unknown>> | undefined;
    read(value: unknown, path: string, report: Report): readonly T[];
};

export interface ListBounds {
    readonly least?: number;
    readonly most?: number;
}

export function memberOf(path: string, key: string): string;

export interface Metered {
    readonly metrics: readonly Metrics[];
}

export type MetricAttributes = Readonly<Record<string, string | number | boolean>>;

export interface Metrics {
    readonly instruments: readonly Instrument[];
    read(): Iterable<Reading>;
    readonly timings?: readonly Timing[] | undefined;
}

export function nearest(word: string, known: readonly string[]): string | undefined;

export function number<const D extends Details<number> & Bounds>(details: D): D & {
    type: string;
    schema: {
        description: string;
    } | undefined;
    read(value: unknown, path: string, report: Report): number;
};

export function object<const F extends Fields, const D extends Details<Values<F>>>(fields: F, details: D): D & {
    fields: F;
    type: string;
    schema: {
        description: string;
    };
    read(value: unknown, path: string, report: Report): Values<F>;
};

export function objectSchema(fields: Fields): JsonSchema;

export function oneOf<const V extends string | number | false, const D extends Details<NoInfer<V>>>(values: readonly V[], details: D): D & {
    type: string;
    schema: {
        description: string;
    } | undefined;
    read(value: unknown, path: string, report: Report): V;
};

export interface Option<T> {
    readonly default?: T | undefined;
    readonly defaultSays?: string | undefined;
    readonly fields?: Fields | undefined;
    read(value: unknown, path: string, report: Report): T;
    readonly required?: boolean | undefined;
    readonly says: string;
    readonly schema: JsonSchema | undefined;
    readonly see?: string | undefined;
    readonly type: string;
    readonly unit?: string | undefined;
}

export function optionTable(fields: Fields, page?: string): string;

export function parseIpv6(text: string, start: number, end: number): Address | undefined;

export type PeerWithoutAddress = 'unix' | 'event';

export function placedMessage(path: string, whole: string, message: string, code: string): string;

class Prefix {
    readonly address: Address;
    contains(address: Address): boolean;
    readonly entry: string;
    get family(): 4 | 6;
    readonly length: number;
    static of(address: Address, length: number, entry?: string): Prefix;
    get text(): string;
    toJSON(): string;
    toString(): string;
    readonly warning: string | undefined;
    static written(address: Address, length: number, entry: string): Prefix;
}

interface PrefixColumns {
    readonly lengths: Uint8Array;
    readonly words: readonly Uint32Array[];
}

export class PrefixRows {
    add(entry: Entry): Prefix;
    parts(): Slices<SetParts>;
}

export function printable(text: string): string;

export interface Problem {
    readonly code: string;
    readonly correction?: Correction | undefined;
    readonly message: string;
    readonly path: string;
}

export class Problems {
    readonly all: Problem[];
    areFine(...paths: readonly string[]): boolean;
    readonly report: Report;
}

export function readFields<const F extends Fields>(fields: F, value: unknown, path: string, report: Report, details: Details<unknown>): Values<F>;

export type Reading = readonly [
instrument: Instrument,
value: number,
attributes?: MetricAttributes | undefined
];

export function readOptions<const F extends Fields>(fields: F, given: unknown, refuse: Refuse, details?: Details<unknown>): Values<F>;

export function receiverFields(code: string): {
    direct: {
        readonly says: "What happens to peers that need not send a header: `'accept'` passes them to the server unread.";
        readonly default: "reject";
        readonly code: string;
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read(value: unknown, path: string, report: Report): "accept" | "reject";
    };
    optional: {
        readonly says: "Peers that must send a header may leave it out.";
        readonly default: false;
        readonly code: string;
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read(value: unknown, path: string, report: Report): boolean;
    };
    timeout: {
        readonly says: "From accepting a connection until its last header must be complete, however slowly the bytes arrive.";
        readonly least: number;
        readonly most: 600000;
        readonly unit: "milliseconds";
        readonly default: 5000;
        readonly code: string;
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read(value: unknown, path: string, report: Report): number;
    };
    maxHeaders: {
        readonly says: "Maximum number of headers in a row on one connection.";
        readonly least: 1;
        readonly most: 16;
        readonly default: 1;
        readonly code: string;
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read(value: unknown, path: string, report: Report): number;
    };
    maxHeaderBytes: {
        readonly says: "Maximum length of one header.";
        readonly least: 232;
        readonly most: 65551;
        readonly unit: "bytes";
        readonly default: 4096;
        readonly code: string;
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read(value: unknown, path: string, report: Report): number;
    };
    versions: {
        readonly says: "Versions that a header may have; a connection whose header has another version is refused.";
        readonly least: 1;
        readonly default: readonly [1, 2];
        readonly hint: "write [2] for version 2 alone, or leave it out for both";
        readonly code: string;
    } & {
        type: string;
        schema: Readonly<Record<string, unknown>> | undefined;
        read(value: unknown, path: string, report: Report): readonly (1 | 2)[];
    };
    crc32c: {
        readonly says: "What happens to a connection whose CRC32C is wrong: `'verify'` refuses it.";
        readonly default: "verify";
        readonly code: string;
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read(value: unknown, path: string, report: Report): "ignore" | "verify";
    };
    mixedFamilies: {
        readonly says: "What happens to a version 1 header whose two addresses differ in family, as nginx sometimes writes: `'accept'` takes its client.";
        readonly default: "reject";
        readonly code: string;
        readonly see: "proxy-protocol.md#nginx";
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read(value: unknown, path: string, report: Report): "accept" | "reject";
    };
    maxPending: {
        readonly says: "Maximum number of connections without a complete header.";
        readonly least: 1;
        readonly most: 1000000;
        readonly default: 16384;
        readonly code: string;
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read(value: unknown, path: string, report: Report): number;
    };
    maxPendingPerPeer: {
        readonly says: "The same, per peer address.";
        readonly least: 1;
        readonly most: 1000000;
        readonly defaultSays: "half of `maxPending`";
        readonly code: string;
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read(value: unknown, path: string, report: Report): number;
    };
    name: {
        readonly says: "What counters, refusals, diagnostics messages and metrics call the server.";
        readonly most: 64;
        readonly defaultSays: "none";
        readonly see: "proxy-protocol.md#counters-and-metrics";
        readonly code: string;
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read(value: unknown, path: string, report: Report): string;
    };
};

export type Refuse = (first: Problem, all: readonly Problem[]) => Error;

export type Report = (problem: Problem) => void;

export function reportUnknown(given: Readonly<Record<string, unknown>>, known: readonly string[], path: string, report: Report): void;

interface SetParts {
    readonly ipv4: Family<Ipv4Table>;
    readonly ipv6: Family<Ipv6Table>;
    readonly warned: Iterable<Entry>;
}

export function show(value: unknown): string;

export type Slices<T> = Generator<undefined, T>;

export function someOf<const V extends string, const D extends Details<readonly NoInfer<V>[]>>(values: readonly V[], details: D): D & {
    type: string;
    schema: {
        description: string;
    } | undefined;
    read(value: unknown, path: string, report: Report): readonly V[];
};

interface SortedPrefixes extends PrefixColumns {
    readonly parents: Int32Array;
    readonly sources: Uint32Array;
}

class Spellings {
    entry(row: number, address: Address, length: number): string;
    static of(others: Blocks<Entry | undefined>, sources: Uint32Array): Slices<Spellings>;
    prefix(row: number, address: Address, length: number): Prefix;
}

export class Tally<Name extends string = string> {
    add(name: Name, count?: number): void;
    entries(): Iterable<readonly [Name, number]>;
}

export function text<const D extends Details<string> & TextBounds>(details: D): D & {
    type: string;
    schema: {
        description: string;
    } | undefined;
    read(value: unknown, path: string, report: Report): string;
};

interface TextBounds {
    readonly least?: number;
    readonly most?: number;
}

export function timeout(least: number, code: string): {
    readonly says: "From accepting a connection until its last header must be complete, however slowly the bytes arrive.";
    readonly least: number;
    readonly most: 600000;
    readonly unit: "milliseconds";
    readonly default: 5000;
    readonly code: string;
} & {
    type: string;
    schema: {
        description: string;
    } | undefined;
    read(value: unknown, path: string, report: Report): number;
};

export interface Timing {
    readonly buckets: readonly number[];
    readonly channel: string;
    readonly description: string;
    readonly name: string;
    read(message: unknown): readonly [seconds: number, attributes: MetricAttributes] | undefined;
}

export const TRANSLATION_LENGTHS: readonly number[];

export const TRUNCATED_BITS: TruncatedBits;

export function truncatedAddress(address: Address, keep?: TruncatedBits): Prefix;

export interface TruncatedBits {
    readonly ipv4: number;
    readonly ipv6: number;
}

export const UNPRINTABLE: RegExp;

export type Values<F extends Fields> = {
    readonly [K in keyof F]: F[K] extends Option<infer T> ? F[K] extends {
        readonly default: unknown;
    } | {
        readonly required: true;
    } ? T : T | undefined : never;
};

export function withoutPorts(text: string): string;
