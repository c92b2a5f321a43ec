import { createHash } from 'node:crypto'
import { fdatasync, readSync, write } from 'node:fs'
import { promisify } from 'node:util'
import { KEY_BYTES } from './derivation.js'

const put = promisify(write)
const sync = promisify(fdatasync)

/** What a service keeps of its keys. */
export interface KeyState {
  readonly id: string
  /** Of the next record. */
  readonly index: number
  readonly key: Buffer
}

/*
 * A key file has two slots of the same form, big-endian, so that a crash while one is written leaves
 * the other:
 *
 *      0       8      12      20              52              68
 *     ┌───────┬───────┬───────┬───────────────┬───────────────┐
 *     │ magic │  id   │ index │      key      │ SHA-256, cut  │  of the bytes before it
 *     └───────┴───────┴───────┴───────────────┴───────────────┘
 */
const MAGIC = Buffer.from('truehop1')
const ID = 8
const INDEX = 12
const KEY = 20
const CHECK = KEY + KEY_BYTES
export const SLOT = CHECK + 16

export function slotOf({ id, index, key }: KeyState): Buffer {
  const slot = Buffer.alloc(SLOT)
  MAGIC.copy(slot)
  slot.write(id, ID, 'hex')
  slot.writeBigUInt64BE(BigInt(index), INDEX)
  key.copy(slot, KEY)
  createHash('sha256').update(slot.subarray(0, CHECK)).digest().copy(slot, CHECK, 0, 16)
  return slot
}

/** The newer of the slots that are intact; undefined if neither is. */
export function readSlots(fd: number): KeyState | undefined {
  const bytes = Buffer.alloc(2 * SLOT)
  readSync(fd, bytes, 0, bytes.length, 0)
  const states = [stateIn(bytes.subarray(0, SLOT)), stateIn(bytes.subarray(SLOT))]
  bytes.fill(0)
  const newest = states
    .filter((state) => state !== undefined)
    .sort((a, b) => a.index - b.index)
    .at(-1)
  for (const state of states) if (state !== newest) state?.key.fill(0)
  return newest
}

/** The index of the newer slot, without a copy of its key staying in memory. */
export function indexIn(fd: number): number | undefined {
  const state = readSlots(fd)
  state?.key.fill(0)
  return state?.index
}

function stateIn(slot: Buffer): KeyState | undefined {
  const check = createHash('sha256').update(slot.subarray(0, CHECK)).digest().subarray(0, 16)
  if (!slot.subarray(0, MAGIC.length).equals(MAGIC) || !slot.subarray(CHECK).equals(check)) {
    return undefined
  }
  const key = Buffer.from(slot.subarray(KEY, CHECK))
  const id = slot.toString('hex', ID, INDEX)
  return { id, index: Number(slot.readBigUInt64BE(INDEX)), key }
}

/**
 * Overwrites both slots in place, one after the other: the file system is asked to forget what was
 * there, and at any moment one of the two is intact.
 */
export async function writeSlots(fd: number, state: KeyState): Promise<void> {
  const slot = slotOf(state)
  try {
    for (const at of [0, SLOT]) {
      await put(fd, slot, 0, SLOT, at)
      await sync(fd)
    }
  } finally {
    slot.fill(0)
  }
}
