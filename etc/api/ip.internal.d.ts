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

export function brand(target: Branded, shape: string): void;

interface Branded {
    readonly prototype: object;
}

export function embeddedIpv4(address: Address, prefix: Prefix): Address | undefined;

export function ipv4Before(text: string, start: number, end: number, found: {
    word: number;
}): number;

export function ipv4Text(word: number): string;

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

export function printable(text: string): string;

export type Slices<T> = Generator<undefined, T>;

export const TRANSLATION_LENGTHS: readonly number[];

export const UNPRINTABLE: RegExp;
