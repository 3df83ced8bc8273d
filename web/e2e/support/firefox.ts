// Firefox with fake devices, driven over WebDriver BiDi.

import { existsSync } from 'node:fs'

import { type Browser, launch, type Page } from 'puppeteer-core'

import { PASSWORD } from './people.ts'

export const firefoxExecutable = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync)

export async function launchFirefox(): Promise<Browser> {
  if (!firefoxExecutable) throw new Error('Firefox is not installed: run `make test-tools`')
  return launch({
    browser: 'firefox',
    executablePath: firefoxExecutable,
    headless: true,
    acceptInsecureCerts: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.peerconnection.ice.loopback': true,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
      'app.update.enabled': false,
      'toolkit.telemetry.enabled': false,
      'datareporting.policy.dataSubmissionEnabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'browser.safebrowsing.downloads.remote.enabled': false,
      'extensions.update.enabled': false,
      'intl.accept_languages': 'en-GB, en',
    },
  })
}

/** Makes an account with an invite link, and keeps its recovery code. */
export async function joinInFirefox(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link)
  await page.locator('::-p-aria([name="Name"][role="textbox"])').fill(name)
  await page.locator('input[type="password"]').fill(PASSWORD)
  await page.locator('::-p-aria([name="Join"][role="button"])').click()
  await page.locator('[data-testid="recovery-code"]').setTimeout(30_000).wait()
  const groups = await page.$$eval('[data-testid="recovery-code"] span', (spans) =>
    spans.map((span) => span.textContent ?? ''),
  )
  await page.locator('::-p-aria([name="I have kept it"][role="button"])').click()
  await page.locator('::-p-aria([name="Last two groups"][role="textbox"])').fill(groups.slice(-2).join(' '))
  await page.locator('::-p-aria([name="Go on"][role="button"])').click()
  await page.locator('::-p-aria([name="Conversations"])').setTimeout(30_000).wait()
}
