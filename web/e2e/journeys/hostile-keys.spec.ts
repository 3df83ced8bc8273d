// E7, E13, E14, E19 as people meet them: other keys, wrong clocks, copied profiles, shared browsers.

import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { PASSWORD, Person } from '../support/people.ts'
import { expect, openProfile, test } from '../support/test.ts'

test('e7 other keys of somebody verified stop sending and calls until they are accepted', async ({ pair, person }) => {
  test.slow()
  const [anna, ben] = await pair()
  await anna.write('to the Ben I know')
  await expect(ben.message('to the Ben I know')).toBeVisible()
  const talk = new URL(anna.page.url()).pathname

  // The same sixty digits on both sides.
  await openPage(anna, 'Ben')
  await openPage(ben, 'Anna')
  const digits = (one: Person) => one.page.getByRole('group', { name: 'Safety number' })
  await expect(digits(anna)).toHaveText(/\d{60}/)
  expect(await digits(anna).textContent()).toBe(await digits(ben).textContent())
  await anna.button('They match').click()
  await expect(anna.page.getByText('Ben is verified.').first()).toBeVisible()

  // Ben has neither password nor code: he begins anew from a link of the administrator.
  const link = await resetLink(anna, 'Ben')
  const again = await person('Ben')
  await again.visit(link)
  await again.page.getByLabel('New password', { exact: true }).fill('an entirely new password')
  await again.page.getByRole('button', { name: 'I do not have my recovery code' }).click()
  await again.page.getByRole('switch', { name: /Start with new keys/ }).click()
  await again.page.getByRole('button', { name: 'Save and sign in' }).click()
  await again.keepRecoveryCode()

  // Nothing goes out, and no call, until Anna has looked.
  await anna.visit(talk)
  const alarm = anna.page.getByRole('alert').filter({ hasText: 'security code changed' })
  await expect(alarm).toBeVisible()
  await anna.write('to whom?')
  await expect(anna.log.getByText('Not sent')).toBeVisible()
  await anna.button('Start audio call').click()
  await expect(anna.page.getByText(/No call starts until you have looked at their page/)).toBeVisible()
  await expect(again.ring).toBeHidden()
  await alarm.getByRole('link', { name: 'Look' }).click()
  await anna.button('Accept the new keys').click()
  await anna.page.getByRole('alertdialog').getByRole('button', { name: 'Accept the new keys' }).click()
  await expect(anna.page.getByText('You write to Ben again.').first()).toBeVisible()
  await expect(anna.page.getByText('Not verified after all')).toHaveCount(0)

  await anna.visit(talk)
  await expect(alarm).toHaveCount(0)
  await anna.button('Let in').click()
  await expect(anna.log.getByText(/let Ben in again, with new keys/)).toBeVisible()
  await anna.button('Try again').click()
  await again.open('Anna')
  await expect(again.message('to whom?')).toBeVisible()
  await expect(again.message('to the Ben I know')).toBeVisible()
  await again.write('it is me')
  await expect(anna.message('it is me')).toBeVisible()
})

for (const years of [1, -1]) {
  test(`e13 a clock ${years > 0 ? 'a year ahead' : 'a year behind'} changes nothing`, async ({ pair }) => {
    const [anna, ben] = await pair({}, { clock: years * 365 * 86_400_000 })
    const shift = await ben.page.evaluate(() => Date.now())
    expect(Math.abs(shift - Date.now())).toBeGreaterThan(364 * 86_400_000)
    await anna.write('what day is it?')
    await expect(ben.message('what day is it?')).toBeVisible()
    await ben.write('no idea')
    await expect(anna.message('no idea')).toBeVisible()
    await ben.page.reload()
    await expect(ben.message('what day is it?')).toBeVisible()
    await expect(ben.message('no idea')).toBeVisible()
    await anna.button('Start audio call').click()
    await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
    await expect(anna.call.getByRole('timer')).toHaveText(/0:0\d/)
    await expect(ben.call.getByRole('timer')).toHaveText(/0:0\d/)
    await ben.button('Hang up').click()
    await expect(anna.call).toBeHidden()
    for (const one of [anna, ben]) {
      await expect(one.log.getByText(/missing before|Changed on its way|repetition|not a member/)).toHaveCount(0)
    }
  })
}

test('e14 a copied profile is told that it is one, and goes on as a device of its own', async ({ server, person }) => {
  const home = await mkdtemp(join(tmpdir(), 'callbox-profile-'))
  const [first, second] = [join(home, 'first'), join(home, 'second')]
  const ben = await person('Ben')
  try {
    const before = await openProfile(first)
    const anna = await Person.in(before, server, 'Anna')
    await anna.setUp(server)
    await ben.join(await anna.invite())
    await anna.openDirect(ben)
    await ben.openDirect(anna)
    await anna.write('one machine')
    await expect(ben.message('one machine')).toBeVisible()
    const talk = new URL(anna.page.url()).pathname
    await before.close()
    await cp(first, second, { recursive: true })

    const profiles = [await openProfile(first), await openProfile(second)]
    const [original, copy] = await Promise.all(profiles.map((one) => Person.in(one, server, 'Anna')))
    if (!original || !copy) throw new Error('two profiles')
    for (const one of [original, copy]) {
      await one.visit(talk)
      await expect(one.message('one machine')).toBeVisible()
    }
    await original.write('from the original')
    await expect(ben.message('from the original')).toBeVisible()
    await copy.write('from the copy')
    // It asks for the password, and is another device then; nothing that was written is lost.
    await copy.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await copy.button('Open my messages').click()
    await copy.expectInside()
    await copy.visit(talk)
    await copy.button('Try again').click()
    await expect(ben.message('from the copy')).toHaveCount(1)
    await original.write('still the original')
    await copy.write('still the copy')
    await expect(ben.message('still the original')).toHaveCount(1)
    await expect(ben.message('still the copy')).toHaveCount(1)
    await expect(ben.log.getByText(/missing before|Changed on its way|repetition/)).toHaveCount(0)
    await expect(ben.page.getByRole('alert')).toHaveCount(0)
    await original.visit('/settings/devices')
    await expect(original.page.getByRole('main').getByRole('button', { name: /is lost or not mine/ })).toHaveCount(1)
    expect([...original.faults, ...copy.faults]).toEqual([])
    for (const profile of profiles) await profile.close()
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})

test('keys that the browser has thrown away come back by the password', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.write('before')
  await expect(ben.message('before')).toBeVisible()
  await ben.page.evaluate(async () => {
    for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name)
    localStorage.clear()
  })
  await ben.page.reload()
  await ben.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await ben.button('Open my messages').click()
  await ben.open('Anna')
  await expect(ben.message('before')).toBeVisible()
  await ben.write('back')
  await expect(anna.message('back')).toBeVisible()
})

test('e19 two accounts that share a browser see nothing of each other', async ({ pair }) => {
  const [anna, ben] = await pair()
  const link = await anna.invite()
  await anna.write('for Ben alone')
  await expect(ben.message('for Ben alone')).toBeVisible()
  const talk = new URL(ben.page.url()).pathname
  await ben.page.getByRole('textbox', { name: 'Message' }).fill('a draft of Ben')
  const databases = () => ben.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''))
  const keys = (names: string[]) => names.filter((name) => name.startsWith('callbox-keys-'))
  const his = keys(await databases())
  expect(his).toHaveLength(1)

  // The session ends without Ben: his keys stay until the page hears of it.
  await ben.context.clearCookies()
  await ben.visit(link)
  await ben.page.getByLabel('Name', { exact: true }).fill('Cleo')
  await ben.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await ben.page.getByRole('button', { name: 'Join' }).click()
  await ben.keepRecoveryCode()
  await ben.expectInside()
  const both = keys(await databases())
  const hers = both.filter((name) => !his.includes(name))
  expect(hers).toHaveLength(1)
  await ben.visit(talk)
  await expect(ben.page.getByText('for Ben alone')).toHaveCount(0)
  await expect(ben.page.getByText('a draft of Ben')).toHaveCount(0)
  await ben.visit('/')
  await ben.open('Everyone')
  await ben.write('Cleo speaking')
  await anna.open('Everyone')
  await expect(anna.message('Cleo speaking')).toBeVisible()
})

async function openPage(person: Person, name: string): Promise<void> {
  await person.visit('/people')
  await person.page.getByRole('main').getByRole('link', { name }).first().click()
  await expect(person.page.getByRole('heading', { name: 'Safety number' })).toBeVisible()
}

async function resetLink(admin: Person, name: string): Promise<string> {
  await admin.visit('/owner/people')
  await admin.button(`Actions for ${name}`).click()
  await admin.page.getByRole('menuitem', { name: 'Link for a new password' }).click()
  await admin.page.getByRole('alertdialog').getByRole('button', { name: 'Make link' }).click()
  const dialog = admin.page.getByRole('dialog')
  const field = dialog.getByRole('textbox', { name: 'Reset link' })
  await expect(field).toHaveValue(/\/reset\//)
  const url = new URL(await field.inputValue())
  return url.pathname + url.hash
}

test('e11 two who renew the keys at the same moment lose nothing', async ({ pair }) => {
  const [anna, ben] = await pair()
  for (const one of [anna, ben]) {
    await one.open('Everyone')
    await one.button('People and details').click()
    await expect(one.button('Renew keys')).toBeVisible()
  }
  for (let round = 1; round <= 3; round++) {
    await Promise.all([anna, ben].map((one) => one.button('Renew keys').click()))
    await Promise.all([anna.write(`from Anna, round ${round}`), ben.write(`from Ben, round ${round}`)])
  }
  for (let round = 1; round <= 3; round++) {
    for (const one of [anna, ben]) {
      await expect(one.message(`from Anna, round ${round}`)).toHaveCount(1)
      await expect(one.message(`from Ben, round ${round}`)).toHaveCount(1)
    }
  }
  for (const one of [anna, ben]) {
    await expect(one.log.getByText(/Waiting for the key|missing before|Not sent|not in use at that time/)).toHaveCount(0)
    await expect(one.page.getByText('The keys of this conversation are new.').first()).toBeAttached()
    await one.page.reload()
    await expect(one.message('from Ben, round 3')).toHaveCount(1)
    await expect(one.page.getByRole('alert')).toHaveCount(0)
  }
})

test('e16 wrong recovery codes are refused, and soon not even tried', async ({ pair, person }) => {
  const [anna, ben] = await pair()
  const thief = await person('Ben')
  await thief.visit('/')
  await thief.page.getByRole('link', { name: 'Forgot password?' }).click()
  await thief.page.getByLabel('Name', { exact: true }).fill('Ben')
  await thief.page.getByLabel('New password', { exact: true }).fill('the password of a thief')
  // A code that is well-formed, of somebody else.
  await thief.page.getByLabel('Recovery code').fill(anna.recoveryCode)
  const answers: (number | undefined)[] = []
  for (let n = 1; n <= 6; n++) {
    const [response] = await Promise.all([
      thief.page.waitForResponse(/\/api\/v1\/recovery\/(finish|start)$/),
      thief.page.getByRole('button', { name: 'Save and sign in' }).click(),
    ])
    answers.push(response.status())
    await expect(thief.page.getByRole('button', { name: 'Save and sign in' })).toHaveAttribute('aria-disabled', 'false')
  }
  expect(answers.at(-1)).toBe(429)
  expect(answers.filter((status) => status === 401)).toHaveLength(5)
  await expect(thief.page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible()
  await anna.write('still only for Ben')
  await expect(ben.message('still only for Ben')).toBeVisible()
})

test('e17 what was written offline goes out after the password was changed elsewhere', async ({ pair, person }) => {
  const [anna, ben] = await pair()
  const other = await person('Ben')
  await other.signIn()
  await other.open('Anna')
  await other.context.setOffline(true)
  await other.write('written before the change')
  await ben.visit('/settings/password')
  await ben.page.getByLabel('Current password').fill(PASSWORD)
  await ben.page.getByLabel('New password', { exact: true }).fill('quite another password')
  await ben.page.getByRole('switch').uncheck()
  await ben.page.getByRole('button', { name: 'Change password' }).click()
  await expect(ben.page.getByText('Your password is changed.', { exact: true })).toBeVisible()
  await other.context.setOffline(false)
  await expect(anna.message('written before the change')).toHaveCount(1)
  await anna.write('it came')
  await expect(other.message('it came')).toBeVisible()
})
