// A device in a network without public names comes to trust the server, and goes in.

import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

import { type BrowserContext, chromium } from '@playwright/test'

import { expectAccessible } from '../support/axe.ts'
import { chromiumFlags, executable, expect, test } from '../support/test.ts'

const host = `${hostname().split('.')[0]?.toLowerCase()}.local`

/** A browser that believes nobody but public authorities and what is in the folder's database. */
async function open(home: string, colorScheme: 'light' | 'dark', phone = false): Promise<BrowserContext> {
  const flags = chromiumFlags.filter((flag) => flag !== '--ignore-certificate-errors')
  return chromium.launchPersistentContext(join(home, 'profile'), {
    executablePath: executable,
    args: [...flags, `--host-resolver-rules=MAP ${host} 127.0.0.1`],
    env: { ...process.env, HOME: home },
    locale: phone ? 'de-DE' : 'en-GB',
    colorScheme,
    viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
  })
}

test('a device that trusts the certificate gets from plain HTTP into the app', async ({ server }) => {
  const home = await mkdtemp(join(tmpdir(), 'callbox-home-'))
  const base = `http://${host}:${server.port}`
  try {
    const before = await open(home, 'light')
    const page = before.pages()[0] ?? (await before.newPage())
    await page.goto(`${base}${server.setupPath}`)
    await expect(page.getByRole('heading', { name: 'Let this device trust your Callbox' })).toBeVisible()
    await expect(page.getByRole('link', { name: /^Download for (Linux|Firefox)/ })).toBeVisible()
    await page.getByRole('button', { name: 'Am I trusted?' }).click()
    await expect(page.getByRole('status')).toContainText('Not yet')
    await expectAccessible(page, 'trust')
    const pem = await (await fetch(`http://127.0.0.1:${server.port}/ca.pem`)).text()
    await before.close()

    const phone = await open(home, 'dark', true)
    const small = phone.pages()[0] ?? (await phone.newPage())
    await small.goto(`${base}/trust`)
    await expect(small.getByRole('button', { name: 'Vertraut mein Gerät?' })).toBeVisible()
    for (const width of [390, 320]) {
      await small.setViewportSize({ width, height: 700 })
      const wide = await small.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      expect(wide, `at ${width}`).toBe(false)
    }
    await phone.close()

    const database = join(home, '.pki/nssdb')
    await mkdir(database, { recursive: true })
    await writeFile(join(home, 'ca.pem'), pem)
    execFileSync('certutil', ['-N', '-d', `sql:${database}`, '--empty-password'])
    const add = ['-A', '-d', `sql:${database}`, '-n', 'callbox', '-t', 'C,,', '-i', join(home, 'ca.pem')]
    execFileSync('certutil', add)

    const after = await open(home, 'light')
    const trusting = after.pages()[0] ?? (await after.newPage())
    // The page itself stays, for those who want to read it.
    await trusting.goto(`${base}/trust`)
    await trusting.getByRole('button', { name: 'Am I trusted?' }).click()
    await trusting.waitForURL(`https://${host}:${server.port}/**`)
    expect(await trusting.evaluate(() => isSecureContext)).toBe(true)
    // Who was on the way somewhere gets there without being asked.
    await trusting.goto(`${base}${server.setupPath}`)
    await trusting.waitForURL(`https://${host}:${server.port}/setup**`)
    await expect(trusting.getByRole('heading', { name: 'Set up Callbox' })).toBeVisible()
    await after.close()
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})
