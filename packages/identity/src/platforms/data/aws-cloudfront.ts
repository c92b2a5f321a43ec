import { cloudfrontRanges } from '../../ranges/snapshots/cloudfront.js'
import type { Platform } from '../platform.js'

export const awsCloudfront: Platform = {
  id: 'aws-cloudfront',
  name: 'Amazon CloudFront',
  peer: 'CloudFront edge, service CLOUDFRONT_ORIGIN_FACING (a subset of CLOUDFRONT); with VPC origins private ENIs; since 2025 IPv6 origins possible',
  peers: cloudfrontRanges.entries,
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: [] }],
    'cloudfront-viewer-address': [
      { asserts: 'cloudfront-viewer-address', required: true, original: [] },
    ],
  },
  parameters: [
    { name: 'from', required: false, says: 'in place of the platform’s own peers' },
    {
      name: 'header',
      required: false,
      values: ['x-forwarded-for', 'cloudfront-viewer-address'],
      says: '`cloudfront-viewer-address` needs an origin request policy that adds it',
    },
  ],
  ranges: cloudfrontRanges,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append',
      form: 'client last when read at the origin; IPv4 or IPv6, also uncompressed IPv6 (2001:0db8:85a3:0000:...)',
      note: 'joined with "," without blank in the vendor example',
    },
    {
      name: 'cloudfront-viewer-address',
      mode: 'written only if an origin request policy asks for it (not possible in a cache policy)',
      form: 'address:port, source port; IPv6 WITHOUT brackets',
      note: 'vendor documents the IPv4 form only; unbracketed IPv6 observed, e.g. 2600:300:f:abcd::9:9985',
    },
    {
      name: 'cloudfront-forwarded-proto',
      mode: 'written on request of a policy',
      form: 'http|https',
      note: '',
    },
  ],
  scheme:
    'X-Forwarded-Proto removed from the viewer request unless forwarded (vendor table lists it among removed headers: second half of page not read); CloudFront-Forwarded-Proto is the written one',
  clientCanInfluence:
    'X-Forwarded-For left of the last entry; the owner of any CloudFront distribution can point it at the same origin (inferred): needs a secret origin header, VPC origin or an ALB rule; a client-sent cloudfront-viewer-address when no policy writes it: not documented',
  closesDirectAccess:
    'A VPC origin, or a secret header that the distribution adds and the origin checks: anybody can point their own distribution at an origin.',
  proxyProtocol: 'no',
  healthChecks: 'none of its own',
  sources: [
    {
      what: 'awsdocs/amazon-cloudfront-developer-guide doc_source/RequestAndResponseBehaviorCustomOrigin.md',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'awsdocs/amazon-cloudfront-developer-guide doc_source/adding-cloudfront-headers.md; #97 (source port, tcpdump)',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'DataDog/dd-trace-py#14864 (IPv6 unbracketed, port parsed as group)',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: VPC origins; other customers distributions; X-Forwarded-Proto removal',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
