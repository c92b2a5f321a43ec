import { Address } from '@truehop/ip';

export interface EntryCursor<Instead = UnidentifiedNode> {
    readonly element: string;
    hasUnread(): boolean;
    readInto(place: NodePlace): Instead | undefined;
    restart(): void;
    skip(): void;
    readonly unread: string;
}

export class ForwardedCursor implements EntryCursor {
    constructor(text: string);
    get element(): string;
    hasUnread(): boolean;
    get parameters(): ForwardedElement | undefined;
    read(): NodeReading;
    readInto(place: NodePlace): UnidentifiedNode | undefined;
    restart(): void;
    skip(): void;
    get unread(): string;
}

export interface ForwardedElement {
    by?: string | undefined;
    for?: string | undefined;
    host?: string | undefined;
    proto?: string | undefined;
}

export function headerText(value: unknown): string | undefined;

export interface IdentifiedNode {
    readonly address: Address;
    readonly fault?: undefined;
    readonly port?: number | undefined;
}

export function namedNode(address: Address | undefined, port?: number): NodeReading;

export type NodeFault =
'unidentified-node'
| 'unspecified-address'
| 'multicast-address'
| 'invalid-element'
| 'ambiguous-single-header';

export interface NodePlace {
    put(address: Address, port: number | undefined): UnidentifiedNode | undefined;
    putIpv4(word: number, port: number | undefined): UnidentifiedNode | undefined;
}

export type NodeReading = IdentifiedNode | UnidentifiedNode;

export function nthElementFromRight(text: string, n: number): string | undefined;

export function parseForwardedNode(text: string): NodeReading;

export function parseHeaderNode(text: string, start?: number, end?: number): NodeReading;

export function putAddress(address: Address | undefined, port: number | undefined, place: NodePlace): UnidentifiedNode | undefined;

export function putAddressText(text: string, port: number | undefined, place: NodePlace): UnidentifiedNode | undefined;

export function readEntry(cursor: EntryCursor): NodeReading;

export class SingleAddressCursor implements EntryCursor {
    constructor(text: string, form?: SingleAddressForm);
    get element(): string;
    hasUnread(): boolean;
    read(): NodeReading;
    readInto(place: NodePlace): UnidentifiedNode | undefined;
    restart(): void;
    skip(): void;
    get unread(): string;
}

export type SingleAddressForm = 'address' | 'address:port';

export interface UnidentifiedNode {
    readonly address?: undefined;
    readonly fault: NodeFault;
    readonly port?: undefined;
}

export class XForwardedForCursor implements EntryCursor {
    constructor(text: string);
    get element(): string;
    hasUnread(): boolean;
    read(): NodeReading;
    readInto(place: NodePlace): UnidentifiedNode | undefined;
    restart(): void;
    skip(): void;
    get unread(): string;
}
