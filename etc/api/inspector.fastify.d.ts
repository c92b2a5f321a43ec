import type { FastifyPluginAsync } from 'fastify';
import type { RegisterOptions } from 'fastify';

interface AddressPrivacy {
    readonly form: string;
    redact(text: string): string;
}

type AddressSetting = 'full' | 'truncated' | AddressPrivacy;

const inspector: FastifyPluginAsync<InspectorPluginOptions>;
export default inspector;
export { inspector }

interface InspectorOptions {
    readonly address?: AddressSetting | undefined;
    readonly allow: readonly string[];
    readonly hosts?: readonly string[] | undefined;
    readonly keep?: number | undefined;
    readonly maxViewers?: number | undefined;
}

export type InspectorPluginOptions = InspectorOptions & RegisterOptions;
