// E22, E23 as people meet them: a server between the two ends of a call.

import { bent, lieTo } from '../support/liar.ts'
import type { Person } from '../support/people.ts'
import { expectPicture, readPeerConnection } from '../support/rtc.ts'
import { expect, test } from '../support/test.ts'

const INSECURE = 'Call could not be secured'

/** Turns a bit in each signal that reaches this page, while it is on. */
async function spoilSignals(person: Person): Promise<{ on: boolean; spoilt: number }> {
  const spoiler = { on: false, spoilt: 0 }
  await lieTo(person.page, (told) => {
    if (told.type !== 'signal' || !told.envelope || !spoiler.on) return [told]
    spoiler.spoilt += 1
    return [{ ...told, envelope: bent(told.envelope) }]
  })
  await person.page.reload()
  await person.expectInside()
  return spoiler
}

test('e22 a call whose signals the server changes is no call', async ({ pair }) => {
  const [anna, ben] = await pair()
  const spoiler = await spoilSignals(ben)
  spoiler.on = true
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expect(ben.page.getByText(INSECURE).first()).toBeVisible()
  expect(spoiler.spoilt).toBeGreaterThan(0)
  await expect(anna.call).toBeHidden({ timeout: 30_000 })
  for (const one of [anna, ben]) {
    const { framesDecoded, audioEnergy } = await one.page.evaluate(readPeerConnection)
    expect([framesDecoded, audioEnergy]).toEqual([0, 0])
  }
  // The same server, telling the truth.
  spoiler.on = false
  await ben.page.reload()
  await ben.expectInside()
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(ben.page)
  await ben.button('Hang up').click()
  await expect(anna.call).toBeHidden()
})

const pictures = (one: Person) => one.page.locator('ol.grid > li')

async function compare(one: Person): Promise<void> {
  await one.button('More').click()
  await one.page.getByRole('dialog').getByRole('button', { name: 'Verify this call' }).click()
}

test('e22 e23 seven pictures are the same on both sides, and a changed exchange shows none', async ({ pair }) => {
  test.slow()
  const [anna, ben] = await pair()
  const spoiler = await spoilSignals(ben)
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(anna.page)
  await compare(anna)
  await anna.button('Show the pictures').click()
  await expect(anna.page.getByText('Waiting for Ben')).toBeVisible()
  await expect(pictures(anna)).toHaveCount(0)
  await compare(ben)
  await ben.button('Show the pictures').click()
  for (const one of [anna, ben]) await expect(pictures(one)).toHaveCount(7)
  expect(await pictures(ben).allTextContents()).toEqual(await pictures(anna).allTextContents())
  await ben.button('They match').click()
  await expect(ben.page.getByText('Anna is verified, in this and in all other calls.').first()).toBeVisible()
  await ben.button('Hang up').click()
  await expect(anna.call).toBeHidden()

  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(anna.page)
  await compare(anna)
  await compare(ben)
  await ben.button('Show the pictures').click()
  spoiler.on = true
  await anna.button('Show the pictures').click()
  await expect(ben.page.getByText(INSECURE).first()).toBeVisible()
  await expect(pictures(ben)).toHaveCount(0)
  await expect(anna.call).toBeHidden({ timeout: 30_000 })
  await expect(pictures(anna)).toHaveCount(0)
})

/** Runs in the page before its scripts: signs and tells another fingerprint than the one of its connection. */
function signAnotherFingerprint(): void {
  const Original = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Original {
    override get localDescription(): RTCSessionDescription | null {
      const real = super.localDescription
      const other = (_: string, before: string, byte: string) => before + (byte === '00' ? '01' : '00')
      return real && new RTCSessionDescription({ type: real.type, sdp: real.sdp.replace(/(a=fingerprint:sha-256 )(..)/g, other) })
    }
  }
}

test('e23 who has another certificate than was signed gets no call', async ({ pair }) => {
  const [anna, ben] = await pair()
  await ben.page.addInitScript(signAnotherFingerprint)
  await ben.page.reload()
  await ben.expectInside()
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  // Whoever notices first says so and leaves, and that ends the call.
  const told = () => Promise.all([anna, ben].map((one) => one.page.getByText(INSECURE).count()))
  await expect.poll(async () => (await told()).some((times) => times > 0), { timeout: 30_000 }).toBe(true)
  for (const one of [anna, ben]) await expect(one.call).toBeHidden({ timeout: 30_000 })
  for (const one of [anna, ben]) {
    const { framesDecoded, audioEnergy } = await one.page.evaluate(readPeerConnection)
    expect([framesDecoded, audioEnergy]).toEqual([0, 0])
  }
})
