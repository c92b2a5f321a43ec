import type { Metered } from '@truehop/ip/internal';
import { TruehopError } from '@truehop/ip';

interface AddressPrivacy {
    readonly form: string;
    redact(text: string): string;
}

type AddressSetting = 'full' | 'truncated' | AddressPrivacy;

const INSPECTOR_ERROR_CODES: readonly ['missing-allow', 'bad-allow', 'bad-hosts', 'bad-option', 'unknown-option', 'identity-missing'];

export class InspectorError extends TruehopError {
    constructor(code: InspectorErrorCode, path: string, message: string);
    readonly code: InspectorErrorCode;
    readonly name = "InspectorError";
}

export type InspectorErrorCode = (typeof INSPECTOR_ERROR_CODES)[number];

export interface InspectorOptions {
    readonly address?: AddressSetting | undefined;
    readonly allow: readonly string[];
    readonly hosts?: readonly string[] | undefined;
    readonly keep?: number | undefined;
    readonly maxViewers?: number | undefined;
}

export const openInspectors: Iterable<Metered>;
