import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../fuzz/random.js'
import { Connection } from './connection.js'
import { type Scene, sceneFor, VICTIM } from './scenes.js'
import { type Seen, type Service, sha256 } from './services.js'

/** What came of all connections. */
export interface Tally {
  connections: number
  answered: number
  refused: number
  resets: number
  bytes: number
  /** One line for each answer that is not the expected one; the first hundred. */
  readonly wrong: string[]
}

const MAX_BODY = 60_000
const MAX_WRONG = 100

/** One client after the other, until told to stop. Each request has its own expected answer. */
export async function traffic(
  random: Random,
  services: readonly Service[],
  tally: Tally,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const service = services[random(services.length)]
    if (service === undefined) throw new Error('no service')
    const scene = sceneFor(random, `198.${18 + random(2)}.${random(256)}.${random(256)}`)
    tally.connections++
    if (random(10) === 0) await leaveAtRandom(random, service, scene, tally)
    else await talk(random, service, scene, tally)
  }
}

const wayTo = ({ port, secure }: Service, { from, before }: Scene, random: Random) => ({
  port,
  secure,
  from,
  before,
  cut: (bytes: Buffer) => {
    const at = random(bytes.length + 1)
    return random(2) === 0 ? [bytes] : [bytes.subarray(0, at), bytes.subarray(at)]
  },
})

/** A few requests on one connection, one by one or all at once. */
async function talk(random: Random, service: Service, scene: Scene, tally: Tally): Promise<void> {
  const bodies = Array.from({ length: 1 + random(3) }, () => randomBody(random))
  let connection: Connection
  try {
    connection = await Connection.open(wayTo(service, scene, random))
  } catch {
    if (scene.expected === 'no request') tally.refused++
    else complain(tally, scene, 'the connection was refused')
    return
  }
  const isPipelined = random(3) === 0
  if (isPipelined) connection.write(Buffer.concat(bodies.map((body) => question(scene, body))))
  for (const body of bodies) {
    if (!isPipelined) connection.write(question(scene, body))
    const reply = await connection.reply()
    if (scene.expected === 'no request') {
      // To HTTP a PROXY header that nobody may send is a bad request.
      if (reply === undefined || reply.status === 400) tally.refused++
      else complain(tally, scene, `answered ${reply.status}: ${reply.body}`)
      break
    }
    if (reply === undefined) {
      complain(tally, scene, 'no answer')
      break
    }
    judge(scene, reply.status, reply.body, body, tally)
    if (reply.status !== 200) break
  }
  // Requests that were pipelined behind a refused one have their replies too.
  if (connection.leftOver > 0 && typeof scene.expected === 'string') {
    complain(tally, scene, `${connection.leftOver} bytes too many`)
  }
  connection.close()
}

/** Compares an answer with the only one there may be. */
function judge(scene: Scene, status: number, text: string, body: Buffer, tally: Tally): void {
  tally.answered++
  if (text.includes(VICTIM)) complain(tally, scene, `seen as the victim: ${text}`)
  if (typeof scene.expected === 'number') {
    if (status !== scene.expected) complain(tally, scene, `answered ${status}`)
    return
  }
  if (status !== 200) {
    complain(tally, scene, `answered ${status}: ${text}`)
    return
  }
  const { ip, frameworkIp, length, sha256: digest }: Seen = JSON.parse(text)
  if (ip !== scene.expected || frameworkIp !== scene.expected) {
    complain(tally, scene, `seen as ${ip} and ${frameworkIp}`)
  }
  if (length !== body.length || digest !== sha256(body)) {
    complain(tally, scene, `${length} bytes for ${body.length}, or others`)
  }
  tally.bytes += body.length
}

/** Goes away at some moment: before the header, within it, within a request, or after it. */
async function leaveAtRandom(
  random: Random,
  service: Service,
  scene: Scene,
  tally: Tally,
): Promise<void> {
  tally.resets++
  try {
    const connection = await Connection.open(wayTo({ ...service, secure: false }, scene, random))
    const bytes = service.secure ? randomBody(random) : question(scene, randomBody(random))
    connection.write(bytes.subarray(0, random(bytes.length + 1)))
    await sleep(random(20))
    if (random(3) === 0) connection.close()
    else connection.reset()
  } catch {
    // The server was quicker.
  }
}

function question({ headers }: Scene, body: Buffer): Buffer {
  const fixed = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n'
  const head = `${fixed}Content-Length: ${body.length}\r\n${headers}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

function randomBody(random: Random): Buffer {
  const body = Buffer.alloc(random(4) === 0 ? random(MAX_BODY) : random(300))
  for (let at = 0; at + 4 <= body.length; at += 4) body.writeUInt32LE(random(2 ** 32), at)
  return body
}

function complain(tally: Tally, { name, expected }: Scene, what: string): void {
  if (tally.wrong.length < MAX_WRONG) tally.wrong.push(`${name}: ${what}, expected ${expected}`)
}
