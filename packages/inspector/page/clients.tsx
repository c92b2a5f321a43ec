import type { VNode } from 'preact'
import type { ClientView, LimitView } from '../src/view/view.js'
import { AddressText } from './address-text.js'
import { useStill } from './still.js'
import { plural } from './words.js'

interface Props {
  readonly clients: readonly ClientView[]
  readonly now: number
}

/** Who asks most, by network, and how near their limits are. */
export function Clients({ clients: newest, now }: Props): VNode {
  const { shown: clients, over } = useStill(newest)
  if (clients.length === 0) return <p class="quiet">Nobody has asked yet.</p>
  return (
    <>
      <p class="quiet">
        Of the whole process, nearest to a limit first; IPv6 by network. Counted since the start,
        and halved whenever there are more than 1024.
      </p>
      <ul class="clients" aria-label="Top clients" {...over}>
        {clients.map(({ client, requests, refused, limit }) => (
          <li key={client}>
            <strong>
              <AddressText text={client} />
            </strong>
            <span>{plural(requests, 'request')}</span>
            {refused > 0 && <span class="badge undetermined">{refused} over the limit</span>}
            {limit !== undefined && <Limit limit={limit} now={now} />}
          </li>
        ))}
      </ul>
    </>
  )
}

function Limit({
  limit: { name, limit, remaining, resetsAt },
  now,
}: {
  limit: LimitView
  now: number
}): VNode {
  const used = limit - remaining
  const seconds = Math.max(0, Math.ceil((resetsAt - now) / 1000))
  return (
    <span class="limit">
      <meter
        min={0}
        max={limit}
        low={limit * 0.5}
        high={limit * 0.8}
        optimum={0}
        value={used}
        aria-label={`${name}: ${used} of ${limit} used`}
      />
      <span>
        {used} of {limit} ({name}), {seconds > 0 ? `again in ${seconds} s` : 'window over'}
      </span>
    </span>
  )
}
