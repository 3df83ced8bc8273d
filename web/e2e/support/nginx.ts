// A real nginx in front of a server, with the settings that are published.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const published = resolve(import.meta.dirname, '../../../packaging/proxies/nginx.conf')

export class Nginx {
  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Passes on what comes to a free port of ::1, to a server on this port of 127.0.0.1. */
  static async before(server: number): Promise<Nginx> {
    const folder = await mkdtemp(join(tmpdir(), 'callbox-nginx-'))
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
    execFileSync('openssl', [...request, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
    const port = await freePort()
    let site = await readFile(published, 'utf8')
    for (const [usual, here] of [
      ['listen 443', `listen [::1]:${port}`],
      ['127.0.0.1:3001;', `127.0.0.1:${server};`],
      ['/etc/nginx/chat.example.org.pem', certificate],
      ['/etc/nginx/chat.example.org.key', key],
    ] as const) {
      if (!site.includes(usual)) throw new Error(`the published settings have no ${usual}`)
      site = site.replace(usual, here)
    }
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    const temporary = folders.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n')
    const user = process.getuid?.() === 0 ? 'user root;' : ''
    await writeFile(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; ${user} pid ${folder}/pid; error_log ${folder}/error.log;
       events {} http { access_log off; ${temporary} ${site} }`,
    )
    const settings = ['-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')]
    const child = spawn('nginx', settings, { stdio: 'ignore' })
    const nginx = new Nginx(port, child, folder)
    while (!(await isOpen(port))) {
      if (child.exitCode !== null) throw new Error(await readFile(join(folder, 'error.log'), 'utf8'))
      await pause(20)
    }
    return nginx
  }

  async stop(): Promise<void> {
    const exited = new Promise((done) => this.child.once('exit', done))
    this.child.kill()
    await exited
    await rm(this.folder, { recursive: true, force: true })
  }
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed)
    server.listen(0, '::1', () => {
      const address = server.address()
      server.close(() => done(address && typeof address === 'object' ? address.port : 0))
    })
  })
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '::1')
    const end = (is: boolean) => {
      socket.destroy()
      done(is)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}
