// A passkey signs in and opens the whole history. The authenticator is Chromium's
// virtual one, with the PRF extension.

import type { CDPSession, Request } from '@playwright/test'

import { expectAccessible } from '../support/axe.ts'
import { PASSWORD, type Person } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

interface Authenticator {
  id: string
  cdp: CDPSession
}

interface Abilities {
  prf?: boolean
  verified?: boolean
}

/** Gives the person's page an authenticator, and no other one. */
async function authenticator(person: Person, { prf = true, verified = true }: Abilities = {}): Promise<Authenticator> {
  const cdp = await person.context.newCDPSession(person.page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId: id } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: verified,
      hasPrf: prf,
      automaticPresenceSimulation: true,
    },
  })
  return { id, cdp }
}

async function credentials({ id, cdp }: Authenticator) {
  return (await cdp.send('WebAuthn.getCredentials', { authenticatorId: id })).credentials
}

/** All that a page sends to the server, as text. */
function listen(person: Person): string[] {
  const sent: string[] = []
  person.page.on('request', (request: Request) => sent.push(`${request.url()} ${request.postData() ?? ''}`))
  person.page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(payload.toString())))
  return sent
}

/** Keeps, in the page, every PRF output that the browser tells it. */
function recordOutputs(): void {
  const outputs: string[] = []
  Object.assign(window, { outputs })
  const told = PublicKeyCredential.prototype.getClientExtensionResults
  PublicKeyCredential.prototype.getClientExtensionResults = function results(this: PublicKeyCredential) {
    const all = told.call(this)
    const first = all.prf?.results?.first
    if (first) outputs.push(btoa(String.fromCharCode(...new Uint8Array(first as ArrayBuffer))))
    return all
  }
}

async function addPasskey(person: Person, name: string, proof: 'password' | 'passkey' = 'password'): Promise<void> {
  await person.visit('/settings/password')
  await person.button('Add a passkey').click()
  const dialog = person.page.getByRole('dialog')
  if (proof === 'passkey') {
    await dialog.getByRole('button', { name: 'Use a passkey instead' }).click()
  } else {
    await dialog.getByLabel('Confirm your password', { exact: true }).fill(PASSWORD)
    await dialog.getByRole('button', { name: 'Confirm' }).click()
  }
  await dialog.getByLabel('Name of the passkey').fill(name)
  await dialog.getByRole('button', { name: 'Create passkey' }).click()
}

async function signOut(person: Person): Promise<void> {
  await person.visit('/settings')
  await person.page.getByRole('button', { name: 'Sign out', exact: true }).first().click()
  await expect(person.page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
}

test('a passkey signs in, opens the whole history, stands in for the password, and is removed', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.write('only for us')
  await expect(ben.message('only for us')).toBeVisible()
  const key = await authenticator(ben)
  await ben.context.addInitScript(recordOutputs)
  const sent = listen(ben)

  await addPasskey(ben, 'My computer')
  await expect(ben.page.getByText('My computer opens your account from now on.', { exact: true })).toBeVisible()
  const list = ben.page.getByRole('list', { name: 'Passkeys' })
  await expect(list.getByText('My computer')).toBeVisible()
  await expectAccessible(ben.page, 'passkeys')
  expect(await credentials(key)).toHaveLength(1)

  await signOut(ben)
  await expectAccessible(ben.page, 'sign-in with a passkey')
  await ben.button('Use a passkey').click()
  await ben.expectInside()
  await ben.open('Anna')
  await expect(ben.message('only for us')).toBeVisible()
  await ben.write('by my passkey')
  await expect(anna.message('by my passkey')).toBeVisible()

  // It stands in for the password: here for a new recovery code.
  await ben.visit('/settings/password')
  await ben.button('Make a new code').click()
  const dialog = ben.page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Use a passkey instead' }).click()
  await expect(dialog.getByTestId('recovery-code').locator('span')).toHaveCount(7)
  await ben.page.keyboard.press('Escape')

  await ben.button('Rename My computer').click()
  await dialog.getByLabel('Name of the passkey').fill('Old computer')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(list.getByText('Old computer')).toBeVisible()

  // H38: of what the authenticator told the page, nothing went over the network.
  const outputs = await ben.page.evaluate(() => (window as unknown as { outputs: string[] }).outputs)
  expect(outputs.length).toBeGreaterThan(0)
  expect(new Set(outputs).size).toBe(1)
  const output = Buffer.from(outputs[0] ?? '', 'base64')
  expect(output).toHaveLength(32)
  const everything = sent.join('\n')
  expect(everything).toContain('/passkeys/finish')
  for (const form of ['base64', 'base64url', 'hex'] as const) {
    expect(everything).not.toContain(output.toString(form).replace(/=+$/, ''))
  }
  expect(everything).not.toContain('clientExtensionResults')

  await ben.button('Remove Old computer').click()
  await ben.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await expect(ben.page.getByText('Old computer is removed.', { exact: true })).toBeVisible()
  await expect(ben.page.getByText('You have none yet.')).toBeVisible()
})

test('a passkey that was removed or outlived its keys lets nobody in', async ({ server, person }) => {
  const olga = await person('Olga')
  await olga.setUp(server)
  await authenticator(olga)
  // What an authenticator is told to forget it would forget; a copy would not.
  await olga.context.addInitScript(() => Object.assign(PublicKeyCredential, { signalUnknownCredential: undefined }))
  await addPasskey(olga, 'My computer')
  await expect(olga.page.getByRole('list', { name: 'Passkeys' })).toBeVisible()

  // The same authenticator has one already; another one may have another.
  await addPasskey(olga, 'The same', 'passkey')
  await expect(olga.page.getByText(/^Your passkey is there already/)).toBeVisible()

  await olga.page.keyboard.press('Escape')
  await signOut(olga)
  await olga.button('Use a passkey').click()
  await olga.expectInside()

  // A lost device takes all passkeys along: they opened the old keys.
  await olga.visit('/settings/devices')
  const other = await person('Olga')
  await other.signIn()
  await olga.page.reload()
  await olga.page.getByRole('button', { name: /is lost or not mine/ }).first().click()
  const dialog = olga.page.getByRole('dialog')
  await expect(dialog.getByText(/Your passkeys end/)).toBeVisible()
  await dialog.getByLabel('Confirm your password', { exact: true }).fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Cut off and renew keys' }).click()
  await expect(dialog.getByTestId('recovery-code')).toBeVisible({ timeout: 30_000 })
  await olga.visit('/settings/password')
  await expect(olga.page.getByText('You have none yet.')).toBeVisible()
  await signOut(olga)
  await olga.button('Use a passkey').click()
  await expect(olga.page.getByText(/^This passkey is not in use any more/)).toBeVisible()
  await olga.signIn()
})

test('h37 an authenticator that cannot verify its user opens nothing', async ({ server, person }) => {
  const olga = await person('Olga')
  await olga.setUp(server)
  const key = await authenticator(olga)
  await addPasskey(olga, 'My computer')
  await expect(olga.page.getByRole('list', { name: 'Passkeys' })).toBeVisible()
  await signOut(olga)
  await key.cdp.send('WebAuthn.setUserVerified', { authenticatorId: key.id, isUserVerified: false })
  await olga.button('Use a passkey').click()
  await expect(olga.page.getByText(/^Nothing came from a passkey/)).toBeVisible()
  await olga.signIn()
})

test('an authenticator that cannot open keys is refused in plain words', async ({ server, person }) => {
  const olga = await person('Olga')
  await olga.setUp(server)
  await authenticator(olga, { prf: false })
  await addPasskey(olga, 'My computer')
  await expect(olga.page.getByText(/^This authenticator cannot open keys/)).toBeVisible()
  await olga.page.keyboard.press('Escape')
  await expect(olga.page.getByText('You have none yet.')).toBeVisible()
})
