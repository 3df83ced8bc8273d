// A server that lies: between the page and the real one, it changes what the hub tells.

import type { Page, WebSocketRoute } from '@playwright/test'

export interface Entry {
  seq: number
  content: { type: string; envelope?: string }
}

/** A frame of the hub, as far as lies touch it. */
export interface Told {
  type: string
  entries?: Entry[]
  envelope?: string
  seq?: number
}

/** What reaches the page in place of a frame: other frames, in this order, or none. */
export type Lie = (told: Told) => Told[]

/** From the next load of the page on. */
export async function lieTo(page: Page, lie: Lie): Promise<void> {
  await page.routeWebSocket(/\/ws$/, (socket: WebSocketRoute) => {
    const server = socket.connectToServer()
    server.onMessage((frame) => {
      for (const told of lie(JSON.parse(String(frame)) as Told)) socket.send(JSON.stringify(told))
    })
  })
}

/** One bit of an envelope, behind its header, turned. */
export function bent(envelope: string): string {
  const bytes = Buffer.from(envelope, 'base64url')
  bytes[170] = (bytes[170] ?? 0) ^ 1
  return bytes.toString('base64url')
}
