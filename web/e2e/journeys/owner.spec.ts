// The owner looks after the server: people, invites, devices, storage, calls, the server itself, the log.

import { expectAccessible } from '../support/axe.ts'
import type { Person } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

test.setTimeout(240_000)

const sections = ['People', 'Invites', 'Devices', 'Storage', 'Calls now', 'Server', 'Log'] as const
const path = (section: (typeof sections)[number]) => `/owner/${section === 'Calls now' ? 'calls' : section.toLowerCase()}`

test('what the owner does to somebody is done, undone and in the log', async ({ pair }) => {
  const [anna, ben] = await pair()
  const { page } = anna
  await page.getByRole('button', { name: 'Anna', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Your server' }).click()
  await expect(page.getByRole('heading', { name: 'People', level: 2 })).toBeVisible()
  await expect(page.getByText('2 people')).toBeVisible()

  await choose(anna, 'Ben', 'Rename')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('New name').fill('Benjamin')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(anna.button('Actions for Benjamin')).toBeVisible()
  await expect(ben.button('Benjamin')).toBeVisible()
  await anna.button('Undo').click()
  await expect(anna.button('Actions for Ben')).toBeVisible()

  await choose(anna, 'Ben', 'Room for files')
  await dialog.getByLabel('Gigabytes').fill('two')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByText('Enter a number of gigabytes')).toBeVisible()
  await dialog.getByLabel('Gigabytes').fill('2,5')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText(/of 2\.5 GB/)).toBeVisible()

  await choose(anna, 'Ben', 'Disable account')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click()
  await expect(page.getByText('Disabled', { exact: true })).toBeVisible()
  await expect(ben.page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await anna.button('Undo').last().click()
  await expect(page.getByText('Disabled', { exact: true })).toBeHidden()
  await ben.signIn()

  await choose(anna, 'Ben', 'Show devices')
  await expect(page.getByText('Where Ben is signed in.')).toBeVisible()
  await page.getByRole('button', { name: /^Sign out .* of Ben$/ }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByText('No devices')).toBeVisible()
  await expect(ben.page.getByRole('heading', { name: 'Sign in' })).toBeVisible()

  await page.getByRole('navigation', { name: 'Your server' }).getByRole('link', { name: 'Log' }).click()
  for (const line of [
    /^Anna signed Ben out on /,
    'Anna enabled Ben',
    'Anna disabled Ben',
    'Anna set the room for files of Ben to 2.5 GB',
    'Anna renamed Benjamin to Ben',
    'Anna renamed Ben to Benjamin',
  ]) {
    await expect(page.getByText(line, typeof line === 'string' ? { exact: true } : {})).toHaveCount(1)
  }
})

test('an act asks for the password when it was given long ago', async ({ pair }) => {
  const [anna, ben] = await pair()
  const { page } = anna
  await anna.visit('/owner/people')
  // As the server answers when the proof has grown old; the next attempt goes to the server itself.
  const refused = { error: { code: 'reauth_required', detail: 'confirm the password first' } }
  await page.route('**/api/v1/admin/accounts/*', (route) => route.fulfill({ status: 403, json: refused }), { times: 1 })
  await choose(anna, ben.name, 'Admin')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Confirm your password', { exact: true }).fill('not this one')
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await expect(dialog.getByRole('alert')).not.toBeEmpty()
  await dialog.getByLabel('Confirm your password', { exact: true }).fill('a long enough password')
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByText('Ben is now: Admin.', { exact: true })).toBeVisible()
  await expect(page.getByText('Admin', { exact: true })).toBeVisible()
  // An admin has the accounts in the settings, and no page of the owner.
  await ben.visit('/owner/log')
  await ben.expectInside()
  await expect(ben.page).not.toHaveURL(/owner/)
  await ben.visit('/settings/administration')
  await expect(ben.page.getByText('Who is here and what they may do.')).toBeVisible()
})

test('the doctor says how the server is', async ({ pair }, info) => {
  const [anna] = await pair()
  const { page } = anna
  await anna.visit('/owner/server')
  await expect(page.getByText('Not done since the server was started.')).toBeVisible()
  let letGo = () => {}
  const seen = new Promise<void>((done) => (letGo = done))
  await page.route('**/api/v1/owner/doctor', (route) => seen.then(() => route.continue()), { times: 1 })
  await anna.button('Examine now').click()
  await expect(page.getByText('Looking. This takes a few seconds.')).toBeVisible()
  letGo()
  const found = page.getByRole('list', { name: 'What was found' }).getByRole('listitem')
  const relay = found.filter({ hasText: 'Over UDP' })
  await expect(relay).toContainText('Fine', { timeout: 30_000 })
  await expect(found.filter({ hasText: 'Database' })).toContainText('Fine')
  await expectAccessible(page, 'owner: doctor')
  for (const [name, width, scheme] of [['desktop-light', 1280, 'light'], ['phone-dark', 390, 'dark']] as const) {
    await page.setViewportSize({ width, height: 1400 })
    await page.emulateMedia({ colorScheme: scheme })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await info.attach(`doctor ${name}`, { body: await page.screenshot(), contentType: 'image/png' })
    if (process.env['SCREENSHOTS']) await page.screenshot({ path: `${process.env['SCREENSHOTS']}/doctor-${name}.png` })
  }
  // It is kept by the server until it is done again.
  await page.reload()
  await expect(relay).toBeVisible()
  await expect(anna.button('Examine again')).toBeVisible()
})

test('calls are counted while they last, and nobody is named', async ({ pair }) => {
  const [anna, ben] = await pair()
  const watcher = await anna.context.newPage()
  await watcher.goto(anna.page.url().replace(/\/c\/.*/, '/owner/calls'))
  await expect(watcher.getByText('No calls right now')).toBeVisible()
  await anna.button('Start audio call').click()
  await expect(ben.ring).toBeVisible()
  const main = watcher.getByRole('main')
  await expect(main.getByText('rings')).toBeVisible()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expect(main.getByText(/^for 0:\d\d · 2 devices/)).toBeVisible()
  await expect(main.getByText('Ben')).toHaveCount(0)
  await anna.button('Hang up').click()
  await expect(main.getByText('No calls right now')).toBeVisible()
})

test('every section can be read by everybody, light and dark, on a phone', async ({ pair }, info) => {
  const [anna] = await pair()
  await anna.visit('/')
  await anna.expectInside()
  await anna.invite()
  // Something for the log to tell.
  await anna.page.evaluate(async () => {
    const { people } = await (await fetch('/api/v1/owner/people?search=ben')).json()
    const headers = { 'content-type': 'application/json', 'x-callbox': '1' }
    const path = `/api/v1/admin/accounts/${people[0].account.id}`
    for (const body of [{ disabled: true }, { disabled: false, role: 'admin' }, { role: 'member', name: 'Benjamin Wanderer-Hohenstein' }]) {
      await fetch(path, { method: 'PATCH', headers, body: JSON.stringify(body) })
    }
    await fetch(`${path}/quota`, { method: 'PUT', headers, body: JSON.stringify({ quota: 2_500_000_000 }) })
    await fetch(`${path}/reset`, { method: 'POST', headers, body: '{}' })
  })
  for (const section of sections) {
    await anna.visit(path(section))
    await expect(anna.page.getByRole('main').getByRole('heading', { name: section }).first()).toBeVisible()
    await expect(anna.page.locator('[aria-busy=true]')).toHaveCount(0)
    await expectAccessible(anna.page, `owner: ${section}`)
    for (const [name, width, scheme] of [['desktop-light', 1280, 'light'], ['phone-dark', 390, 'dark']] as const) {
      await anna.page.setViewportSize({ width, height: 844 })
      await anna.page.emulateMedia({ colorScheme: scheme })
      const wide = await anna.page.evaluate(() => document.documentElement.scrollWidth)
      expect(wide, `${section} fits ${width} pixels`).toBeLessThanOrEqual(width)
      await info.attach(`${section} ${name}`, { body: await anna.page.screenshot(), contentType: 'image/png' })
      if (process.env['SCREENSHOTS']) {
        await anna.page.screenshot({ path: `${process.env['SCREENSHOTS']}/owner-${section}-${name}.png` })
      }
    }
  }
  await anna.page.setViewportSize({ width: 390, height: 844 })
  await anna.visit('/owner')
  await expect(anna.page.getByRole('link', { name: 'Calls now' })).toBeVisible()
  await expectAccessible(anna.page, 'list of sections', ['phone'])
})

test('keys alone lead through it', async ({ pair }) => {
  const [anna] = await pair()
  const { page } = anna
  await anna.visit('/owner/people')
  const actions = anna.button('Actions for Ben')
  await expect(actions).toBeVisible()
  await page.getByRole('searchbox', { name: 'Search people' }).focus()
  await page.keyboard.type('ben')
  await expect(page.getByText('1 person')).toBeVisible()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await expect(actions).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitemradio', { name: 'Member' })).toBeFocused()
  await page.keyboard.press('End')
  await expect(page.getByRole('menu').getByRole('menuitem').last()).toBeFocused()
  await page.keyboard.press('Enter')
  const question = page.getByRole('alertdialog')
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(question).toBeHidden()
  await page.getByRole('searchbox', { name: 'Search people' }).fill('nobody of this name')
  await expect(page.getByText('Nobody is called “nobody of this name”.')).toBeVisible()
})

async function choose(owner: Person, name: string, what: string): Promise<void> {
  await owner.visit('/owner/people')
  await owner.button(`Actions for ${name}`).click()
  await owner.page.getByRole('menuitem', { name: what, exact: true }).or(owner.page.getByRole('menuitemradio', { name: what, exact: true })).click()
}
