// Firefox with fake devices, driven over WebDriver BiDi.

import { existsSync } from 'node:fs'

import { type Browser, launch } from 'puppeteer-core'

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
