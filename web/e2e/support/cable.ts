// A network cable that can be pulled: a TCP forwarder in front of the server.

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class Cable {
  private readonly sockets = new Set<Socket>()
  private plugged = true
  private pace = Infinity
  /** Bytes that came from the server. */
  received = 0

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(port: number): Promise<Cable> {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const cable = new Cable(server, (server.address() as AddressInfo).port)
    server.on('connection', (near) => cable.join(near, port))
    return cable
  }

  /** Ends every connection and refuses new ones. */
  pull(): void {
    this.plugged = false
    for (const socket of this.sockets) socket.destroy()
  }

  plugIn(): void {
    this.plugged = true
  }

  /** Lets no more than so many bytes a second through towards the server, on each connection. */
  slow(bytesPerSecond: number): void {
    this.pace = bytesPerSecond
  }

  close(): void {
    this.pull()
    this.server.close()
  }

  private join(near: Socket, port: number): void {
    if (!this.plugged) {
      near.destroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from)
      from.on('error', () => from.destroy())
      from.on('close', () => {
        this.sockets.delete(from)
        to.destroy()
      })
    }
    far.pipe(near)
    far.on('data', (bytes: Buffer) => (this.received += bytes.length))
    near.on('data', (bytes: Buffer) => {
      near.pause()
      to(far, bytes, () => setTimeout(() => near.resume(), (bytes.length / this.pace) * 1000))
    })
    near.on('end', () => far.end())
  }
}

function to(socket: Socket, bytes: Buffer, done: () => void): void {
  if (socket.destroyed) return
  socket.write(bytes, () => done())
}
