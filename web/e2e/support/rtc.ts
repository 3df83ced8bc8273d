// Looks into a page's peer connections without any hook in the product.

import { expect, type Page } from '@playwright/test'

/** Runs in the page before its scripts: remembers every peer connection. */
export function recordPeerConnections(): void {
  const all: RTCPeerConnection[] = []
  Object.assign(window, { peerConnections: all })
  const Original = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      all.push(this)
    }
  }
}

/** Runs in the page before its scripts: spoils every relay password, for the negative control. */
export function spoilRelayPasswords(): void {
  const Original = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      const iceServers = configuration?.iceServers?.map((server) =>
        server.credential ? { ...server, credential: 'wrong' } : server,
      )
      super({ ...configuration, ...(iceServers ? { iceServers } : {}) })
    }
  }
}

export type Transport = 'udp' | 'tcp' | 'tls'

/** Runs in the page before its scripts: leaves one way to the relay, and no other. */
export function keepOneTransport(transport: Transport): void {
  const fits = (url: string) =>
    transport === 'tls'
      ? url.startsWith('turns:')
      : url.startsWith('turn:') && url.endsWith(`?transport=${transport}`)
  const Original = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      const iceServers = configuration?.iceServers
        ?.map((server) => ({ ...server, urls: [server.urls].flat().filter(fits) }))
        .filter((server) => server.urls.length > 0)
      super({ ...configuration, ...(iceServers ? { iceServers } : {}) })
    }
  }
}

export interface Picture {
  local: string
  remote: string
  /** How the local candidate reaches the relay, as far as the browser tells. */
  relayProtocol: string
  framesDecoded: number
  audioEnergy: number
  width: number
}

/** What the newest peer connection of the page says of itself. */
export function readPeerConnection(): Promise<Picture> {
  const all = (window as unknown as { peerConnections: RTCPeerConnection[] }).peerConnections
  const newest = all.at(-1)
  const picture = { local: '', remote: '', relayProtocol: '', framesDecoded: 0, audioEnergy: 0, width: 0 }
  if (!newest) return Promise.resolve(picture)
  return newest.getStats().then((report) => {
    const stats = new Map<string, Record<string, unknown>>()
    report.forEach((entry: Record<string, unknown>) => stats.set(entry['id'] as string, entry))
    for (const entry of stats.values()) {
      const selected =
        (entry['type'] === 'transport' && entry['selectedCandidatePairId']) ||
        (entry['type'] === 'candidate-pair' && entry['selected'] === true && entry['id'])
      if (selected) {
        const pair = stats.get(selected as string)
        const local = stats.get(pair?.['localCandidateId'] as string)
        picture.local = String(local?.['candidateType'])
        picture.relayProtocol = String(local?.['relayProtocol'] ?? '')
        picture.remote = String(stats.get(pair?.['remoteCandidateId'] as string)?.['candidateType'])
      }
      if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'video') {
        picture.framesDecoded += Number(entry['framesDecoded'] ?? 0)
        picture.width = Math.max(picture.width, Number(entry['frameWidth'] ?? 0))
      }
      if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'audio') {
        picture.audioEnergy += Number(entry['totalAudioEnergy'] ?? 0)
      }
    }
    return picture
  })
}

/** Waits until the page has decoded that many more video frames. */
export async function expectPicture(page: Page, frames = 20): Promise<void> {
  const before = (await page.evaluate(readPeerConnection)).framesDecoded
  await expect
    .poll(async () => (await page.evaluate(readPeerConnection)).framesDecoded - before, {
      message: 'video frames decoded',
      timeout: 30_000,
    })
    .toBeGreaterThan(frames)
}

/** Waits until the page has heard something. */
export async function expectSound(page: Page): Promise<void> {
  const before = (await page.evaluate(readPeerConnection)).audioEnergy
  await expect
    .poll(async () => (await page.evaluate(readPeerConnection)).audioEnergy - before, {
      message: 'sound received',
      timeout: 30_000,
    })
    .toBeGreaterThan(0)
}
