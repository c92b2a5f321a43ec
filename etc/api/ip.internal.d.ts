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

export function brand(target: Branded, shape: string): void;

interface Branded {
    readonly prototype: object;
}

export function correctedPrefix(entry: string): string | undefined;

export function embeddedIpv4(address: Address, prefix: Prefix): Address | undefined;

export const ENTRIES_PER_SLICE = 512;

type Entry = string | Prefix;

interface Family<Table> {
    readonly spellings: Spellings;
    readonly table: Table;
}

export interface Instrument {
    readonly description: string;
    readonly kind: 'counter' | 'up-down-counter' | 'gauge';
    readonly name: string;
    readonly unit: string;
}

export function ipv4Before(text: string, start: number, end: number, found: {
    word: number;
}): number;

class Ipv4Table {
    address(row: number): Address;
    find(bits: number): number;
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

export function isUnicastIpv4(word: number): boolean;

export interface Metered {
    readonly metrics: readonly Metrics[];
}

export type MetricAttributes = Readonly<Record<string, string | number | boolean>>;

export interface Metrics {
    readonly instruments: readonly Instrument[];
    read(): Iterable<Reading>;
    readonly timings?: readonly Timing[] | undefined;
}

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

export type Reading = readonly [
instrument: Instrument,
value: number,
attributes?: MetricAttributes | undefined
];

interface SetParts {
    readonly ipv4: Family<Ipv4Table>;
    readonly ipv6: Family<Ipv6Table>;
    readonly warned: Iterable<Entry>;
}

export type Slices<T> = Generator<undefined, T>;

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

export function withoutPorts(text: string): string;
