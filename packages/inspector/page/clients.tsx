import type { VNode } from 'preact'
import type { ClientView, LimitView } from '../src/view.js'

interface Props {
  readonly clients: readonly ClientView[]
  readonly now: number
}

/** Who asks most, by network, and how near their limits are. */
export function Clients({ clients, now }: Props): VNode {
  if (clients.length === 0) return <p class="quiet">Nobody has asked yet.</p>
  return (
    <table>
      <caption>Nearest to a limit first; IPv6 by network</caption>
      <thead>
        <tr>
          <th scope="col">Client</th>
          <th scope="col" class="number">
            Requests
          </th>
          <th scope="col" class="number">
            Limited
          </th>
          <th scope="col">Limit</th>
        </tr>
      </thead>
      <tbody>
        {clients.map(({ client, requests, refused, limit }) => (
          <tr key={client}>
            <th scope="row">{client}</th>
            <td class="number">{requests}</td>
            <td class="number">{refused}</td>
            <td>{limit === undefined ? 'no limit seen' : <Limit limit={limit} now={now} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
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
        high={limit * 0.8}
        optimum={0}
        value={used}
        aria-label={`${name}: ${used} of ${limit} used`}
      />
      <span>
        {used} of {limit} ({name}), again in {seconds} s
      </span>
    </span>
  )
}
