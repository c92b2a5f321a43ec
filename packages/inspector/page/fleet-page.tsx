import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { Fleet, Snapshot } from '../src/view/view.js'
import { Chain } from './chain.js'
import { Clients } from './clients.js'
import { Decisions } from './decisions.js'
import { type Member, nameOf, type Policies, readFleet } from './fleet.js'
import { useHeld } from './held.js'
import { ago, clock } from './moments.js'
import { useNamed } from './named.js'
import type { Row } from './row.js'
import { Section } from './section.js'
import { plural } from './words.js'
import { Wrong } from './wrong.js'

const SECTIONS = [
  ['wrong', 'What is wrong'],
  ['instances', 'Instances'],
  ['decisions', 'Decisions'],
  ['clients', 'Clients'],
  ['policy', 'Policy'],
] as const

/** Several instances at one moment. */
export function FleetPage({ fleet }: { fleet: Fleet }): VNode {
  const [{ members, rows, clients, policies }] = useState(() => readFleet(fleet))
  const holding = useHeld<readonly Row[]>(rows)
  const { named } = useNamed(true)
  const address = members.find(({ snapshot }) => snapshot.address !== 'full')?.snapshot.address
  const passedOver = members.reduce((sum, { snapshot }) => sum + snapshot.passedOver, 0)
  return (
    <>
      <header class="top">
        <h1>truehop fleet</h1>
        <nav aria-label="Sections">
          {SECTIONS.map(([id, title]) => (
            <a key={id} href={`#${id}`}>
              {title}
            </a>
          ))}
        </nav>
        <p class="state">Read at {clock(fleet.at)}</p>
      </header>
      <main>
        <Section id="wrong" title="What is wrong">
          <FleetWrong fleet={fleet} members={members} policies={policies.length} />
        </Section>
        <Section id="instances" title={plural(fleet.members.length, 'instance')}>
          <Instances fleet={fleet} policies={policies} />
        </Section>
        <Section id="decisions" title="Recent decisions">
          <Decisions
            feed={{
              rows,
              before: undefined,
              address: address ?? 'full',
              passedOver,
              instance: members[0]?.snapshot.instance,
            }}
            holding={holding}
            now={fleet.at}
            named={named}
          />
        </Section>
        <Section id="clients" title="Top clients">
          <Clients clients={clients} now={fleet.at} />
        </Section>
        <Section
          id="policy"
          title={
            policies.length > 1 ? `${policies.length} different policies` : 'The policy in force'
          }
        >
          {policies.map(({ policy, names }, index) => (
            <div key={names[0]}>
              {policies.length > 1 && (
                <h3>
                  Policy {index + 1} of {policies.length}: {names.join(', ')}
                </h3>
              )}
              <Chain policy={policy} now={fleet.at} id={names[0] ?? ''} />
            </div>
          ))}
        </Section>
      </main>
    </>
  )
}

interface WrongProps {
  readonly fleet: Fleet
  readonly members: readonly Member[]
  readonly policies: number
}

function FleetWrong({ fleet, members, policies }: WrongProps): VNode {
  const silent = fleet.members.filter((member) => 'problem' in member)
  const odd = members.filter(({ snapshot: { collapses, anomalies, policy } }) => {
    const isBad = policy.findings.some(({ severity }) => severity === 'error')
    return collapses.length + anomalies.length > 0 || isBad
  })
  const isQuiet = silent.length + odd.length === 0 && policies < 2
  return (
    <>
      {silent.map((member) => (
        <p key={member.url} class="problem">
          <strong>{nameOf(member)}</strong> does not answer as an inspector:{' '}
          {'problem' in member && member.problem}
        </p>
      ))}
      {policies > 1 && (
        <p class="problem">
          The instances do not have the same policy: {policies} different ones are{' '}
          <a href="#policy">in force</a>.
        </p>
      )}
      {isQuiet && <p class="quiet">Nothing odd has been seen.</p>}
      {odd.map(({ name, snapshot }) => (
        <section key={name} class="inner" aria-label={name}>
          <h3>{name}</h3>
          <Wrong
            feed={{ ...snapshot, anomalies: snapshot.anomalies.toReversed() }}
            now={snapshot.now}
            id={name}
          />
        </section>
      ))}
    </>
  )
}

interface InstancesProps {
  readonly fleet: Fleet
  readonly policies: readonly Policies[]
}

function Instances({ fleet, policies }: InstancesProps): VNode {
  return (
    <ul class="instances">
      {fleet.members.map((member) => (
        <li key={member.url}>
          <strong>{nameOf(member)}</strong>
          {'snapshot' in member ? (
            <Instance snapshot={member.snapshot} policies={policies} name={nameOf(member)} />
          ) : (
            <span class="badge error">no answer</span>
          )}
        </li>
      ))}
    </ul>
  )
}

interface InstanceProps {
  readonly snapshot: Snapshot
  readonly policies: readonly Policies[]
  readonly name: string
}

function Instance({ snapshot, policies, name }: InstanceProps): VNode {
  const { instance, now, decisions, policy } = snapshot
  const index = policies.findIndex(({ names }) => names.includes(name))
  return (
    <>
      <span>{instance.name}</span>
      <span class="quiet">started {ago(instance.startedAt, now)}</span>
      <span class="quiet">
        {policies.length > 1 ? `policy ${index + 1} of ${policies.length}, ` : 'policy '}
        version {policy.version}
      </span>
      <span class="quiet">{plural(decisions.length, 'decision')}</span>
    </>
  )
}
