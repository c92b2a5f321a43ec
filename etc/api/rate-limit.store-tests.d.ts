import { Address } from '@truehop/ip';
import type { ClientIdentity } from '@truehop/identity';

type Act =
    {
    readonly do: 'take';
}
| {
    readonly do: 'peek';
}
| {
    readonly do: 'charge';
}
| {
    readonly do: 'refund';
    readonly since: number;
}
| {
    readonly do: 'reset';
}
| {
    readonly do: 'ban';
    readonly length: number;
};

type AlgorithmName = (typeof ALGORITHMS)[number];

const ALGORITHMS: readonly ['sliding-window', 'token-bucket', 'fixed-window'];

interface Answer {
    readonly at: number;
    readonly banned: readonly number[];
    readonly counts: readonly (Count | undefined)[];
    readonly done: boolean;
}

interface BanRule {
    readonly after: number;
    readonly backOff: number;
    readonly length: number;
    readonly longest: number;
}

interface Count {
    readonly banned: number;
    readonly rest: number;
    readonly used: number;
    readonly wait: number;
}

class Key {
    readonly crowd: number;
    readonly kind: 0 | 4 | 6;
    static of(identity: ClientIdentity, widths: PrefixWidths): Key;
    static ofAddress(address: Address, widths: PrefixWidths): Key;
    static ofText(text: string, crowd: number): Key;
    static ofWords(kind: number, words: readonly number[], crowd: number, text: string): Key;
    readonly text: string;
    readonly w0: number;
    readonly w1: number;
    readonly w2: number;
    readonly w3: number;
}

interface Line extends Take {
    readonly home?: Key | undefined;
    readonly key: Key;
}

interface Place {
    readonly group: string;
    readonly node: string;
}

interface PrefixWidths {
    readonly ipv4Prefix: number;
    readonly ipv6Prefix: number;
}

interface Rule {
    readonly algorithm: AlgorithmName;
    readonly ban: BanRule | undefined;
    readonly name: string;
    readonly refunds: boolean;
    readonly window: number;
    readonly windowOf?: string | undefined;
}

interface Store {
    ask(act: Act, lines: readonly Line[], place: Place): Answer | Promise<Answer>;
    readonly kind: string;
    place?(line: Line): Place;
}

export interface StoreCase {
    readonly name: string;
    readonly run: (store: Store) => Promise<void>;
}

export const storeCases: readonly StoreCase[];

interface Take {
    readonly capacity: number;
    readonly cost: number;
    readonly limit: number;
    readonly rule: Rule;
    readonly shadow: boolean;
}
