// The real binary on free ports with an empty data directory.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** What `--ready-file` holds. */
interface Ready {
  version: string
  pid: number
  urls: string[]
  listen: string[]
  turn: { udp: string[]; tcp: string[]; tls: string[] }
  setup_url: string | null
}

export const binary =
  process.env['E2E_BINARY'] ?? resolve(import.meta.dirname, '../../../target/debug/callbox')

export class Server {
  private child: ChildProcess | undefined
  private output = ''
  port = 0
  setupPath = ''

  private constructor(
    private readonly data: string,
    private readonly options: string[],
  ) {}

  static async start(...options: string[]): Promise<Server> {
    if (!existsSync(binary)) throw new Error(`there is no ${binary}: run \`cargo build\` first`)
    const server = new Server(await mkdtemp(join(tmpdir(), 'callbox-e2e-')), options)
    await server.up()
    return server
  }

  /** In a folder that may hold the data of an earlier run. */
  static async on(folder: string, ...options: string[]): Promise<Server> {
    const server = new Server(folder, options)
    await server.up()
    return server
  }

  /** The address of a page, by a loopback name over HTTPS. */
  url(path = '/'): string {
    return `https://localhost:${this.port}${path}`
  }

  /** Starts again on the same port with the same data. */
  async up(): Promise<void> {
    const ready = join(this.data, 'ready.json')
    await rm(ready, { force: true })
    const child = spawn(
      binary,
      [
        'serve',
        ...['--listen', `127.0.0.1:${this.port}`],
        ...(this.options.some((option) => option.startsWith('--turn-listen')) ? [] : ['--turn-listen', '127.0.0.1:0']),
        ...['--data', join(this.data, 'data'), '--ready-file', ready],
        ...this.options,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    this.child = child
    child.stdout.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    for (let tries = 0; ; tries++) {
      if (child.exitCode !== null || tries > 600) {
        throw new Error(`the server did not come up:\n${this.output}`)
      }
      if (existsSync(ready)) break
      await pause(50)
    }
    const facts = JSON.parse(await readFile(ready, 'utf8')) as Ready
    this.port = Number(facts.listen[0]?.split(':').at(-1))
    if (facts.setup_url) {
      const url = new URL(facts.setup_url)
      this.setupPath = url.pathname + url.hash
    }
  }

  /** Everything it has printed. */
  log(): string {
    return this.output
  }

  /** Ends it: asked to, or at once. */
  async down(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.child
    this.child = undefined
    if (!child || child.exitCode !== null) return
    const exited = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    await exited
  }

  async stop(): Promise<void> {
    await this.down('SIGKILL')
    await rm(this.data, { recursive: true, force: true })
  }
}
