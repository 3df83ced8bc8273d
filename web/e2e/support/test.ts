// The fixtures of the journeys: Chromium with fake devices, a fresh server each.

import { existsSync } from 'node:fs'

import { type Browser, type BrowserContext, chromium, test as base } from '@playwright/test'

import { type Circumstances, Person } from './people.ts'
import { Server } from './server.ts'

export const executable = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(existsSync)

export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--allow-loopback-in-peer-connection',
  '--ignore-certificate-errors',
  '--mute-audio',
]

export async function launchChromium(flags: string[] = chromiumFlags): Promise<Browser> {
  if (!executable) throw new Error('Chromium is not installed: run `make test-tools`')
  return chromium.launch({ executablePath: executable, args: flags })
}

/** A browser with a profile of its own on the disk. */
export async function openProfile(folder: string): Promise<BrowserContext> {
  if (!executable) throw new Error('Chromium is not installed: run `make test-tools`')
  const own = { executablePath: executable, args: chromiumFlags, ignoreHTTPSErrors: true, locale: 'en-GB' }
  return chromium.launchPersistentContext(folder, { ...own, viewport: { width: 1280, height: 800 } })
}

interface Fixtures {
  /** Options of `callbox serve` beyond free ports and an empty data directory. */
  serverOptions: string[]
  server: Server
  person: (name: string, circumstances?: Circumstances) => Promise<Person>
  /** Two people in a direct conversation with each other, both looking at it. */
  pair: (
    anna?: Circumstances,
    ben?: Circumstances,
  ) => Promise<readonly [anna: Person, ben: Person]>
}

export const test = base.extend<Fixtures, { chrome: Browser }>({
  chrome: [
    async ({}, use) => {
      const browser = await launchChromium()
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],
  serverOptions: [[], { option: true }],
  server: async ({ serverOptions }, use, info) => {
    const server = await Server.start(...serverOptions)
    await use(server)
    if (info.status !== info.expectedStatus) {
      await info.attach('server log', { body: server.log(), contentType: 'text/plain' })
    }
    await server.stop()
  },
  person: async ({ chrome, server }, use) => {
    const people: Person[] = []
    await use(async (name, circumstances) => {
      const person = await Person.at(chrome, server, name, circumstances)
      people.push(person)
      return person
    })
    for (const person of people) {
      await person.leave()
      base.expect(person.faults, `faults on the page of ${person.name}`).toEqual([])
    }
  },
  pair: async ({ server, person }, use) => {
    await use(async (first, second) => {
      const anna = await person('Anna', first)
      await anna.setUp(server)
      const link = await anna.invite()
      const ben = await person('Ben', second)
      await ben.join(link)
      await anna.openDirect(ben)
      await ben.openDirect(anna)
      return [anna, ben] as const
    })
  },
})

export { expect } from '@playwright/test'
