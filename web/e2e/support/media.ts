// Files to send, made here: a picture, a sound, and a film that the browser records.

import { deflateSync } from 'node:zlib'

import type { Page } from '@playwright/test'

export interface SentFile {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

/** A PNG in which no two neighbours are alike. */
export function picture(name: string, width: number, height: number): SentFile {
  const rows = Buffer.alloc(height * (width * 3 + 1))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width * 3 + 1) + 1 + x * 3
      rows[at] = (x * 255) / width
      rows[at + 1] = (y * 255) / height
      rows[at + 2] = (x ^ y) & 255
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]
  const buffer = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts])
  return { name, mimeType: 'image/png', buffer }
}

/** A PNG of a few bytes that declares this size. */
export function bomb(name: string, width: number, height: number): SentFile {
  const { buffer } = picture(name, 1, 1)
  buffer.writeUInt32BE(width, 16)
  buffer.writeUInt32BE(height, 20)
  buffer.writeUInt32BE(crc(buffer.subarray(12, 29)), 29)
  return { name, mimeType: 'image/png', buffer }
}

/** A GIF of this size in which a single pixel blinks so many times. */
export function animated(name: string, width: number, height: number, frames: number): SentFile {
  const header = Buffer.from('GIF89a\0\0\0\0\x80\0\0', 'latin1')
  header.writeUInt16LE(width, 6)
  header.writeUInt16LE(height, 8)
  const colours = Buffer.from([0, 0, 0, 255, 90, 30])
  const delay = [0x21, 0xf9, 4, 0, 5, 0, 0, 0]
  const pixel = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]
  const pictures = Array.from({ length: frames }, () => Buffer.from([...delay, ...pixel]))
  return { name, mimeType: 'image/gif', buffer: Buffer.concat([header, colours, ...pictures, Buffer.from([0x3b])]) }
}

/** So many seconds of a tone, 176,400 bytes each. */
export function wave(name: string, seconds: number): SentFile {
  const rate = 44_100
  const data = Buffer.alloc(seconds * rate * 4)
  for (let i = 0; i < seconds * rate; i++) {
    const value = Math.round(Math.sin(i / (20 + (i / rate) % 30)) * 8000)
    data.writeInt16LE(value, i * 4)
    data.writeInt16LE(value, i * 4 + 2)
  }
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(2, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 4, 28)
  header.writeUInt16LE(4, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(data.length, 40)
  return { name, mimeType: 'audio/wav', buffer: Buffer.concat([header, data]) }
}

/** A short film, recorded in a page. */
export async function film(page: Page, name: string): Promise<SentFile> {
  const bytes = await page.evaluate(async () => {
    const canvas = document.createElement('canvas')
    canvas.width = 320
    canvas.height = 240
    const context = canvas.getContext('2d')
    if (!context) throw new Error('no canvas')
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' })
    const parts: Blob[] = []
    recorder.ondataavailable = ({ data }) => parts.push(data)
    const ended = new Promise((done) => (recorder.onstop = done))
    recorder.start()
    for (let i = 0; i < 50; i++) {
      context.fillStyle = `hsl(${i * 7} 80% 50%)`
      context.fillRect(0, 0, 320, 240)
      await new Promise((done) => setTimeout(done, 40))
    }
    recorder.stop()
    await ended
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())]
  })
  return { name, mimeType: 'video/webm', buffer: Buffer.from(bytes) }
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc(body), body.length + 4)
  return framed
}

function crc(bytes: Buffer): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return (sum ^ 0xffffffff) >>> 0
}
