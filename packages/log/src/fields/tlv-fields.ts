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
 * What a PROXY header says about its connection, under the names that both shapes of a record use,
 * each with `prefix` before it. The reader of the header has made the strings printable and
 * bounded.
 */
export function tlvFields(tlvs: NonNullable<ClientIdentity['tlvs']>, prefix = ''): Fields {
  const fields: Record<string, unknown> = {}
  for (const [tlv, name] of NAMES) {
    const value = tlvs[tlv]
    if (value !== undefined) fields[`${prefix}${name}`] = value
  }
  return fields
}
