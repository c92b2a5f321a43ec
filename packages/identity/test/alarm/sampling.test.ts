import { expect, test } from 'vitest'
import { Sampling } from '../../src/alarm/sampling.js'

/** How many of 6,400 decisions are taken; chance goes evenly through its range. */
function takenOf(sampling: Sampling): number {
  let taken = 0
  for (let i = 0; i < 6400; i++) if (sampling.takes()) taken++
  return taken
}

function evenly(): () => number {
  let next = 0
  return () => {
    next = (next + 1) % 64
    return next / 64
  }
}

/** Windows of 200 decisions, each filled in so many milliseconds. */
function after(windows: number, milliseconds: number): { sampling: Sampling; now: number } {
  const sampling = new Sampling(0, evenly())
  let now = 0
  for (let i = 0; i < windows; i++) {
    now += milliseconds
    sampling.came(200, now)
  }
  return { sampling, now }
}

test.each([
  ['before anything is known', 0, 0],
  ['of a service with 1,000 a second', 50, 200],
  ['of a busy service at first', 9, 10],
])('all decisions are taken %s', (_when, windows, milliseconds) => {
  expect(takenOf(after(windows, milliseconds).sampling)).toBe(6400)
})

test('one in sixty-four is taken of a service that has been busy for 2,000 decisions', () => {
  expect(takenOf(after(10, 10).sampling)).toBe(100)
})

test('a sample is counted for all that it stands for', () => {
  const { sampling, now } = after(10, 10)
  // 200 of 12,800 decisions in eight seconds: 1,600 a second.
  sampling.came(200, now + 8000)
  expect(takenOf(sampling)).toBe(100)
  // 800 a second.
  sampling.came(200, now + 24_000)
  expect(takenOf(sampling)).toBe(6400)
})
