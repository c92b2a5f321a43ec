import type { NextFunction } from 'express';
import type { Request as Request_2 } from 'express';
import type { Response as Response_2 } from 'express';

interface AddressPrivacy {
    readonly form: string;
    redact(text: string): string;
}

type AddressSetting = 'full' | 'truncated' | AddressPrivacy;

function inspector(options: InspectorOptions): InspectorMiddleware;
export default inspector;
export { inspector }

export interface InspectorMiddleware {
    (request: Request_2, response: Response_2, next: NextFunction): void;
    close(): void;
}

interface InspectorOptions {
    readonly address?: AddressSetting | undefined;
    readonly allow: readonly string[];
    readonly hosts?: readonly string[] | undefined;
    readonly keep?: number | undefined;
    readonly maxViewers?: number | undefined;
}
