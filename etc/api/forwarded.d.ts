import { Address } from '@truehop/ip';

export interface EntryCursor<Reading = NodeReading> {
    readonly element: string;
    hasUnread(): boolean;
    read(): Reading;
    skip(): void;
    readonly unread: string;
}

export class ForwardedCursor {
    constructor(text: string);
    get element(): string;
    hasUnread(): boolean;
    get parameters(): ForwardedElement | undefined;
    read(): NodeReading;
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

export type NodeReading = IdentifiedNode | UnidentifiedNode;

export function nthElementFromRight(text: string, n: number): string | undefined;

export function parseForwardedNode(text: string): NodeReading;

export function parseHeaderNode(text: string, start?: number, end?: number): NodeReading;

export class SingleAddressCursor {
    constructor(text: string, form?: SingleAddressForm);
    get element(): string;
    hasUnread(): boolean;
    read(): NodeReading;
    skip(): void;
    get unread(): string;
}

export type SingleAddressForm = 'address' | 'address:port';

interface UnidentifiedNode {
    readonly address?: undefined;
    readonly fault: NodeFault;
    readonly port?: undefined;
}

export class XForwardedForCursor {
    constructor(text: string);
    get element(): string;
    hasUnread(): boolean;
    read(): NodeReading;
    skip(): void;
    get unread(): string;
    word: number;
}
