export class Address {
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

export function addressText(bytes: Uint8Array, offset: number, length: 4 | 16): string;

class Blocks<T> {
    [Symbol.iterator](): Generator<T>;
    get(index: number): T | undefined;
    get length(): number;
    push(value: T): void;
}

const BRAND: unique symbol;

type Entry = string | Prefix;

interface Family<Table> {
    readonly spellings: Spellings;
    readonly table: Table;
}

class Ipv4Table {
    address(row: number): Address;
    find(bits: number): number;
    has(word: number): boolean;
    length(row: number): number;
    static of(prefixes: SortedPrefixes): Slices<Ipv4Table>;
    readonly size: number;
}

export function ipv6Bytes(text: string): Uint8Array | undefined;

class Ipv6Table {
    address(row: number): Address;
    find(w0: number, w1: number, w2: number, w3: number): number;
    length(row: number): number;
    static of(prefixes: SortedPrefixes): Slices<Ipv6Table>;
    readonly size: number;
}

export function isRangeName(text: string): text is RangeName;

export const NAMED_RANGES: Readonly<{
    loopback: readonly string[];
    linklocal: readonly string[];
    uniquelocal: readonly string[];
    private: readonly string[];
    cgnat: readonly string[];
}>;

export function parseAddress(text: string, start?: number, end?: number): Address | undefined;

export function parsePrefix(text: string): Prefix;

export class PeerSet {
    static from(entries: Iterable<string | Prefix>): PeerSet;
    has(peer: Address | PeerWithoutAddress): boolean;
    readonly hasEvent: boolean;
    hasIpv4(word: number): boolean;
    readonly hasUnix: boolean;
    readonly isAny: boolean;
    match(peer: Address | PeerWithoutAddress): {
        readonly entry: string;
    } | undefined;
    readonly prefixes: PrefixSet;
    get size(): number;
    get warnings(): readonly string[];
}

type PeerWithoutAddress = 'unix' | 'event';

export class Prefix {
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

export class PrefixError extends TruehopError {
    constructor(code: PrefixErrorCode, entry: string, reason: string);
    readonly code: PrefixErrorCode;
    readonly entry: string;
    readonly name = "PrefixError";
    readonly reason: string;
}

export type PrefixErrorCode = 'bad-cidr' | 'bad-prefix';

export interface PrefixMatch {
    readonly entry: string;
    readonly prefix: Prefix;
}

class PrefixRows {
    add(entry: Entry): Prefix;
    parts(): Slices<SetParts>;
}

export class PrefixSet {
    [Symbol.iterator](): Generator<Prefix>;
    entryOf(address: Address | string): string | undefined;
    static from(entries: Iterable<Entry>): PrefixSet;
    has(address: Address | string): boolean;
    hasIpv4(word: number): boolean;
    match(address: Address | string): PrefixMatch | undefined;
    static ofRows(rows: PrefixRows): Slices<PrefixSet>;
    readonly size: number;
    static slices(entries: Iterable<Entry>): Slices<PrefixSet>;
    get warnings(): readonly string[];
}

export type RangeName = keyof typeof NAMED_RANGES;

export function replaceAddresses(text: string, show: (address: Address) => string): string;

interface SetParts {
    readonly ipv4: Family<Ipv4Table>;
    readonly ipv6: Family<Ipv6Table>;
    readonly warned: Iterable<Entry>;
}

type Slices<T> = Generator<undefined, T>;

interface SortedPrefixes extends PrefixColumns {
    readonly parents: Int32Array;
    readonly sources: Uint32Array;
}

class Spellings {
    entry(row: number, address: Address, length: number): string;
    static of(others: Blocks<Entry | undefined>, sources: Uint32Array): Slices<Spellings>;
    prefix(row: number, address: Address, length: number): Prefix;
}

export abstract class TruehopError extends Error {
    get [BRAND](): true;
    constructor(message: string, path?: string, options?: ErrorOptions);
    abstract readonly code: string;
    get help(): string;
    readonly path: string;
}
