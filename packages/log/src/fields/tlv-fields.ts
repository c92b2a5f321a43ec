import type { ClientIdentity } from '@truehop/identity'
import type { Fields } from './fields.js'

const NAMES = [
  ['uniqueId', 'unique_id'],
  ['alpn', 'alpn'],
  ['authority', 'authority'],
  ['awsVpcEndpointId', 'aws_vpc_endpoint_id'],
  ['azureLinkId', 'azure_link_id'],
  ['googlePscConnectionId', 'google_psc_connection_id'],
] as const

/**
 * What a PROXY header says of its connection, under the names that both shapes of a record have,
 * each behind `prefix`. The texts are printable and bounded by whoever read them.
 */
export function tlvFields(tlvs: NonNullable<ClientIdentity['tlvs']>, prefix = ''): Fields {
  const fields: Record<string, unknown> = {}
  for (const [tlv, name] of NAMES) {
    const value = tlvs[tlv]
    if (value !== undefined) fields[`${prefix}${name}`] = value
  }
  return fields
}
