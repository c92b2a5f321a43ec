import { describe, expect, test } from 'vitest'
import {
  boolean,
  callback,
  type Fields,
  integer,
  list,
  nearest,
  number,
  object,
  objectSchema,
  oneOf,
  optionTable,
  type Problem,
  readOptions,
  text,
} from '../src/index.js'

const RECEIVER = {
  timeout: integer({
    says: 'From the accept until the header must be in.',
    least: 3000,
    most: 600_000,
    unit: 'milliseconds',
    default: 5000,
  }),
  direct: oneOf(['reject', 'accept'], { says: 'What becomes of others.', default: 'reject' }),
  optional: boolean({ says: 'A header may be left out.', default: false }),
} satisfies Fields

const OPTIONS = {
  name: text({ says: 'Shown in logs.', most: 8, required: true, code: 'bad-name' }),
  share: number({ says: 'What one update may take away.', least: 0, most: 1, default: 0.5 }),
  from: list(text({ says: '' }), { says: 'Peers.', least: 1, hint: "write ['loopback']" }),
  onRefused: callback<(reason: string) => void>()({ says: 'Called for each refusal.' }),
  proxyProtocol: object(RECEIVER, { says: 'How headers are received.' }),
} satisfies Fields

class Refused extends Error {
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ path, message, code }) => `${path}: ${message} [${code}]`).join('\n'))
    this.problems = problems
  }
}

const read = (given: unknown) => readOptions(OPTIONS, given, (_first, all) => new Refused(all))

function refusal(given: unknown): string {
  try {
    read(given)
  } catch (error) {
    return error instanceof Refused ? error.message : String(error)
  }
  return 'nothing'
}

describe('options that are read', () => {
  test('have the defaults of what is left out, and of what is undefined', () => {
    const onRefused = () => {}
    expect(
      read({ name: 'edge', share: undefined, onRefused, proxyProtocol: { timeout: 3000 } }),
    ).toEqual({
      name: 'edge',
      share: 0.5,
      from: undefined,
      onRefused,
      proxyProtocol: { timeout: 3000, direct: 'reject', optional: false },
    })
  })

  test.each([
    [
      { name: 'a', share: 2 },
      'share: must be a number from 0 to 1, got 2; leave it out for 0.5 [bad-option]',
    ],
    [
      { name: 'a', share: Number.NaN },
      'share: must be a number from 0 to 1, got NaN; leave it out for 0.5 [bad-option]',
    ],
    [
      { name: 'a', share: null },
      'share: must be a number from 0 to 1, got null; leave it out for 0.5 [bad-option]',
    ],
    [{ name: '' }, "name: must be a string of 1 to 8 characters, got '' [bad-name]"],
    [{}, 'name: is missing [bad-name]'],
    [
      { name: 'a', from: [] },
      "from: must be a non-empty array, got an array of 0; write ['loopback'] [bad-option]",
    ],
    [
      { name: 'a', from: 'loopback' },
      "from: must be a non-empty array, got 'loopback'; write ['loopback'] [bad-option]",
    ],
    [
      { name: 'a', from: Object.assign(new Array(2), { 1: 'x' }) },
      'from[0]: must be a non-empty string, got undefined [bad-option]',
    ],
    [{ name: 'a', onRefused: 'log' }, "onRefused: must be a function, got 'log' [bad-option]"],
    [
      { name: 'a', proxyProtocol: [] },
      'proxyProtocol: must be an object, got an array of 0 [bad-option]',
    ],
    [
      { name: 'a', proxyProtocol: { timeout: '5000' } },
      "proxyProtocol.timeout: must be an integer from 3000 to 600000 (milliseconds), got '5000'; leave it out for 5000 [bad-option]",
    ],
    [
      { name: 'a', proxyProtocol: { direct: 'allow' } },
      "proxyProtocol.direct: must be 'reject' or 'accept', got 'allow'; leave it out for 'reject' [bad-option]",
    ],
    [{ name: 'a', shaer: 1 }, 'shaer: unknown option; write share [unknown-option]'],
    [
      { name: 'a', colour: 1 },
      'colour: unknown option; expected one of name, share, from, onRefused, proxyProtocol [unknown-option]',
    ],
  ])('%j is refused with what is wrong, where and what to write', (given, message) => {
    expect(refusal(given)).toBe(message)
  })

  test.each([[undefined], [null], [7], ['x'], [[]], [() => {}]])(
    '%s is no object of options',
    (given) => {
      expect(refusal(given)).toMatch(/^: must be an object, got /)
    },
  )

  test('are refused for everything that is wrong with them at once', () => {
    expect(
      refusal({ shaer: 1, share: 2, proxyProtocol: { optional: 1 } }).split('\n'),
    ).toHaveLength(4)
  })
})

describe('the schema', () => {
  test('says what can be written in a file, and leaves out what cannot', () => {
    expect(objectSchema(OPTIONS)).toEqual({
      type: 'object',
      required: ['name'],
      additionalProperties: false,
      properties: {
        name: { description: 'Shown in logs.', type: 'string', minLength: 1, maxLength: 8 },
        share: {
          description: 'What one update may take away.',
          type: 'number',
          minimum: 0,
          maximum: 1,
          default: 0.5,
        },
        from: {
          description: 'Peers.',
          type: 'array',
          minItems: 1,
          items: { description: '', type: 'string', minLength: 1 },
        },
        proxyProtocol: {
          description: 'How headers are received.',
          type: 'object',
          additionalProperties: false,
          properties: {
            timeout: {
              description: 'From the accept until the header must be in. In milliseconds.',
              type: 'integer',
              minimum: 3000,
              maximum: 600_000,
              default: 5000,
            },
            direct: {
              description: 'What becomes of others.',
              enum: ['reject', 'accept'],
              default: 'reject',
            },
            optional: { description: 'A header may be left out.', type: 'boolean', default: false },
          },
        },
      },
    })
  })
})

describe('the table', () => {
  test('has a row for each option and each member of one', () => {
    expect(
      optionTable({ proxyProtocol: OPTIONS.proxyProtocol, name: OPTIONS.name }).split('\n'),
    ).toEqual([
      '| option | takes | default | |',
      '| --- | --- | --- | --- |',
      '| `proxyProtocol` | object |  | How headers are received. |',
      '| `proxyProtocol.timeout` | integer, 3,000 to 600,000 milliseconds | 5,000 | From the accept until the header must be in. |',
      "| `proxyProtocol.direct` | `'reject'`, `'accept'` | `'reject'` | What becomes of others. |",
      '| `proxyProtocol.optional` | `true` or `false` | `false` | A header may be left out. |',
      '| `name` | string of 1 to 8 characters | required | Shown in logs. |',
    ])
  })

  test('links an option to where the documentation says more', () => {
    const table = (page: string) =>
      optionTable({ skip: boolean({ says: '', see: 'logging.md#skip' }) }, page)
    expect(table('logging.md')).toContain('| [`skip`](#skip) |')
    expect(table('policy.md')).toContain('| [`skip`](logging.md#skip) |')
  })

  test('shows what a function is called with', () => {
    const skip = callback<(request: object) => boolean>('(request) => boolean')({ says: 'Skips.' })
    expect(optionTable({ skip })).toContain('| `skip` | `(request) => boolean` |  | Skips. |')
  })
})

describe('the nearest known word', () => {
  test.each([
    ['x-forwared-for', 'x-forwarded-for'],
    ['X-Forwarded-Fro', 'x-forwarded-for'],
    ['cf-connecting-ipp', 'cf-connecting-ip'],
    ['via', undefined],
    ['x'.repeat(100_000), undefined],
  ])('of %.40s is %s', (word, known) => {
    expect(nearest(word, ['x-forwarded-for', 'cf-connecting-ip', 'forwarded'])).toBe(known)
  })
})
