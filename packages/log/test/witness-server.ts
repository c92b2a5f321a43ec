import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rootsOf } from './reference-tree.js'

/** What a witness knows of a log. */
interface Latest {
  readonly size: number
  readonly root: Buffer
}

/** Who cosigns as C2SP tlog-cosignature says, with its public key as a verifier key of type 4. */
export class Cosigner {
  readonly name: string
  readonly key: string
  readonly #id: Buffer
  readonly #secret: KeyObject

  constructor(name: string, pair = generateKeyPairSync('ed25519')) {
    const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
    const typed = Buffer.from([4, ...raw])
    this.#id = createHash('sha256').update(`${name}\n`).update(typed).digest().subarray(0, 4)
    this.#secret = pair.privateKey
    this.name = name
    this.key = `${name}+${this.#id.toString('hex')}+${typed.toString('base64')}`
  }

  /** A signature line over the text of a checkpoint. */
  line(text: string, seconds = Math.floor(Date.now() / 1000)): string {
    const time = Buffer.alloc(8)
    time.writeBigUInt64BE(BigInt(seconds))
    const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)
    const bytes = Buffer.concat([this.#id, time, sign(null, message, this.#secret)])
    return `— ${this.name} ${bytes.toString('base64')}\n`
  }
}

/** What a request says, taken apart as C2SP tlog-witness says. */
export interface Submitted {
  readonly old: number
  readonly proof: readonly Buffer[]
  readonly text: string
  readonly size: number
  readonly root: Buffer
  readonly signatures: readonly string[]
}

type Odd = (response: ServerResponse, submitted: Submitted) => void

/**
 * A witness: the steps of C2SP tlog-witness in their order, each with the answer that it demands. It
 * checks proofs by the definition in RFC 6962, not by what the code under test does.
 */
export class WitnessServer {
  readonly cosigner: Cosigner
  readonly submitted: Submitted[] = []
  readonly statuses: number[] = []
  latest: Latest = { size: 0, root: createHash('sha256').digest() }
  /** Answers in its place. */
  odd: Odd | undefined
  readonly #origin: string
  readonly #log: string
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  private constructor(cosigner: Cosigner, logKey: string) {
    this.cosigner = cosigner
    this.#log = logKey
    this.#origin = logKey.slice(0, logKey.indexOf('+'))
  }

  static async start(logKey: string, cosigner = new Cosigner('witness.example/w1')) {
    const witness = new WitnessServer(cosigner, logKey)
    await new Promise<void>((ready) => witness.#server.listen(0, '127.0.0.1', ready))
    return witness
  }

  get options() {
    const { port } = this.#server.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}/prefix/`, key: this.cosigner.key }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const isSubmission = request.method === 'POST' && request.url === '/prefix/add-checkpoint'
    const submitted = read(Buffer.concat(chunks).toString('utf8'))
    if (!isSubmission || submitted === undefined) {
      this.#end(response, isSubmission ? 400 : 405)
      return
    }
    this.submitted.push(submitted)
    if (this.odd === undefined) this.#step(response, submitted)
    else this.odd(response, submitted)
  }

  #step(response: ServerResponse, submitted: Submitted): void {
    const { text, size, root } = submitted
    const [status, body = '', type] = this.#judged(submitted)
    if (status === 200) this.latest = { size, root }
    const lines = `— other.example AAAAAAAA\n${this.cosigner.line(text)}`
    this.#end(response, status, status === 200 ? lines : body, type)
  }

  #judged(submitted: Submitted): [status: number, body?: string, type?: string] {
    const { old, proof, text, size, root, signatures } = submitted
    if (text.split('\n')[0] !== this.#origin) return [404]
    if (!signatures.some((line) => this.#isLogs(line, text))) return [403]
    if (old > size) return [400]
    if (old !== this.latest.size) return [409, `${this.latest.size}\n`, 'text/x.tlog.size']
    if (old === size && !root.equals(this.latest.root)) return [409, `${old}\n`]
    const isProven = old === 0 || old === size ? proof.length === 0 : this.#isProven(submitted)
    return [isProven ? 200 : 422]
  }

  #isProven({ old, proof, size, root }: Submitted): boolean {
    const roots = rootsOf(old, size, this.latest.root, proof)
    return roots?.old.equals(this.latest.root) === true && roots.all.equals(root)
  }

  #isLogs(line: string, text: string): boolean {
    const [, name, id = '', encoded = ''] = /^([^+]+)\+([^+]+)\+(.+)$/.exec(this.#log) ?? []
    const [, of, base64 = ''] = /^— (\S+) (\S+)$/.exec(line) ?? []
    const bytes = Buffer.from(base64, 'base64')
    if (of !== name || bytes.toString('hex', 0, 4) !== id) return false
    const raw = Buffer.from(encoded, 'base64').subarray(1)
    const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw])
    const key = { key: der, format: 'der', type: 'spki' } as const
    return verify(null, Buffer.from(text), key, bytes.subarray(4))
  }

  #end(response: ServerResponse, status: number, body = '', type = 'text/plain'): void {
    this.statuses.push(status)
    response.writeHead(status, { 'content-type': type }).end(body)
  }
}

/** Undefined for a body that is not of the form that C2SP tlog-witness demands. */
function read(body: string): Submitted | undefined {
  const at = body.indexOf('\n\n')
  const end = body.lastIndexOf('\n\n')
  const [first = '', ...proof] = body.slice(0, at).split('\n')
  const old = /^old (0|[1-9]\d*)$/.exec(first)?.[1]
  const text = body.slice(at + 2, end + 1)
  const [, size, root, ...rest] = text.split('\n')
  const isWellFormed =
    at !== -1 &&
    end > at &&
    old !== undefined &&
    proof.length <= 63 &&
    proof.every((line) => /^[A-Za-z\d+/]{43}=$/.test(line)) &&
    /^(0|[1-9]\d*)$/.test(size ?? '') &&
    rest.join() === '' &&
    body.endsWith('\n')
  if (!isWellFormed) return undefined
  return {
    old: Number(old),
    proof: proof.map((line) => Buffer.from(line, 'base64')),
    text,
    size: Number(size),
    root: Buffer.from(root ?? '', 'base64'),
    signatures: body.slice(end + 2, -1).split('\n'),
  }
}
