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
    readonly address?: AddressSetting;
    readonly allow: readonly string[];
    readonly hosts?: readonly string[];
    readonly keep?: number;
    readonly maxViewers?: number;
}
