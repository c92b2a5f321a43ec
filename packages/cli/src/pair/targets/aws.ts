import { headerName } from '@truehop/identity/adapter'
import { lines, type PairTarget } from '../configuration.js'

/** Attributes of a target group (NLB) or of a load balancer (ALB). */
export const aws: PairTarget = {
  name: 'aws',
  sends: ['proxy-protocol', 'x-forwarded-for'],
  file: 'a shell',
  write({ sends, original, clear }) {
    if (sends === 'proxy-protocol') {
      return {
        text: lines(
          'aws elbv2 modify-target-group-attributes --target-group-arn "$TARGET_GROUP_ARN" \\',
          '  --attributes Key=proxy_protocol_v2.enabled,Value=true Key=preserve_client_ip.enabled,Value=false',
        ),
        notes: [
          'A network load balancer. Its health checks carry the header too, once it is enabled.',
          'The change holds for new connections: switch the service over at the same time, or let it take both with proxyProtocol.optional.',
        ],
      }
    }
    const passed = [
      ...clear.filter(({ believed }) => believed).map(({ name }) => name),
      ...(original.includes('host') ? ['x-forwarded-host'] : []),
    ]
    return {
      text: lines(
        'aws elbv2 modify-load-balancer-attributes --load-balancer-arn "$LOAD_BALANCER_ARN" \\',
        '  --attributes Key=routing.http.xff_header_processing.mode,Value=append Key=routing.http.xff_client_port.enabled,Value=false Key=routing.http.drop_invalid_header_fields.enabled,Value=true',
      ),
      notes: [
        'An application load balancer. Its health checks carry no X-Forwarded-For.',
        ...passed.map(
          (name) =>
            `It passes ${headerName(name)} on as the client wrote it, and the policy believes it: change the policy (original: ['proto', 'port']).`,
        ),
      ],
    }
  },
}
