// CPU time of this process, and medians over alternating rounds. Wall time on a machine that others use
// too tells how busy they are; CPU time tells what the code costs.

import { measure } from 'mitata'

/** CPU time of this process in nanoseconds; the kernel counts in microseconds. */
export function cpuNow() {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >>> 1]
}

/**
 * Nanoseconds of CPU time that a call of each function takes: the median of several rounds, in each of
 * which all of them have their turn.
 */
export async function compare(functions, { rounds = 7, time = 40 } = {}) {
  /** @type {Record<string, number[]>} */
  const samples = Object.fromEntries(Object.keys(functions).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, call] of inTurn(functions, round)) {
      const { p50 } = await measure(call, {
        now: cpuNow,
        min_cpu_time: time * 1e6,
        // Many calls between two looks at the clock, which tells microseconds.
        batch_samples: 8192,
        gc: false,
      })
      samples[name]?.push(p50)
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, ns]) => [name, median(ns)]))
}

/** Every other round goes the other way round, so that no one always comes first. */
export function inTurn(things, round) {
  const entries = Object.entries(things)
  return round % 2 === 0 ? entries : entries.reverse()
}

/** A function that calls `use` with the next of the inputs each time, so that nothing is cached for it. */
export function cycling(inputs, use) {
  let next = 0
  return () => {
    next = next + 1 === inputs.length ? 0 : next + 1
    return use(inputs[next])
  }
}
