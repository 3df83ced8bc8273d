// Guests: by a link into one room, with or without somebody who lets them in.

import type { Page } from '@playwright/test'

import { expectAccessible } from '../support/axe.ts'
import type { Person } from '../support/people.ts'
import type { Server } from '../support/server.ts'
import { expect, test } from '../support/test.ts'

test('a guest comes by an open link, both read, and leaves when the link is revoked', async ({ server, person }) => {
  const anna = await owner(server, person, 'Garden')
  await anna.write('written before')
  const link = await makeLink(anna, { lobby: false })

  const max = await person('Max')
  await comeAs(max, link, 'Join as a guest')
  await expect(max.page.getByRole('heading', { name: 'Garden' })).toBeVisible()
  await expect(max.message('written before')).toBeVisible()
  await max.write('hello from outside')
  await expect(anna.message('hello from outside')).toBeVisible()
  await anna.write('welcome')
  await expect(max.message('welcome')).toBeVisible()
  expect(new URL(max.page.url()).hash).toBe('')

  // A guest sees this room and nothing else of the place.
  await expect(max.button('New conversation')).toHaveCount(0)
  await expect(max.button('Invite people')).toHaveCount(0)
  await expect(max.page.getByRole('link', { name: 'People' })).toHaveCount(0)
  await expect(max.page.getByRole('navigation', { name: 'Conversations' }).getByRole('link')).toHaveCount(1)
  await expect(anna.log.getByText('Guest', { exact: true }).first()).toBeVisible()
  await anna.page.getByRole('link', { name: 'People' }).click()
  await expect(anna.page.getByText('1 person,')).toBeVisible()
  await expect(anna.page.getByText('Max')).toHaveCount(0)

  await max.page.reload()
  await expect(max.message('welcome')).toBeVisible()

  await anna.open('Garden')
  await revokeLink(anna)
  await expect(max.page.getByRole('heading', { name: 'This link has ended' })).toBeVisible()
  await expect(anna.log.getByText('Anna took a link back')).toBeVisible()
  await anna.write('among ourselves again')
  await expect(anna.message('among ourselves again')).toBeVisible()
  await max.visit(link)
  await expect(max.page.getByRole('heading', { name: 'This link is not good any more' })).toBeVisible()
})

test('a member turns one away and lets another in', async ({ server, person }) => {
  const anna = await owner(server, person, 'Garden')
  const link = await makeLink(anna, { lobby: true })
  await anna.write('only for those inside')
  await anna.open('Everyone')

  const max = await person('Max')
  await comeAs(max, link, 'Ask to join')
  await expect(max.page.getByRole('heading', { name: 'Somebody has to let you in' })).toBeVisible()
  const list = anna.page.getByRole('navigation', { name: 'Conversations' })
  await expect(list.getByRole('link', { name: /Garden.*1 asks to join/ })).toBeVisible()
  await anna.open('Garden')
  await anna.button('Turn Max away').click()
  await expect(max.page.getByRole('heading', { name: 'You were not let in' })).toBeVisible()
  await expect(anna.button('Turn Max away')).toHaveCount(0)

  const mia = await person('Mia')
  await comeAs(mia, link, 'Ask to join')
  await expect(mia.page.getByText('You ask to join as Mia.')).toBeVisible()
  await mia.page.reload()
  await expect(mia.page.getByText('You ask to join as Mia.')).toBeVisible()
  await anna.button('Let Mia in').click()
  await expect(mia.message('only for those inside')).toBeVisible()
  await expect(anna.log.getByText('Anna let Mia in')).toBeVisible()
  await mia.write('thank you')
  await expect(anna.message('thank you')).toBeVisible()
})

test('a call link leads two people into a call', async ({ server, person }) => {
  const anna = await owner(server, person)
  await anna.button('New conversation').first().click()
  const dialog = anna.page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Invite somebody to a call' }).click()
  await anna.page.getByLabel('What is it about?').fill('Tax return')
  await anna.button('Create call link').click()
  const link = await shownLink(anna.page)
  await anna.button('Go to the room').click()
  await expect(anna.button('Start video call')).toHaveCount(0)

  const max = await person('Max')
  await comeAs(max, link, 'Ask to join')
  await anna.button('Let Max in').click()
  await expect(max.page.getByRole('heading', { name: 'Tax return' })).toBeVisible()
  await anna.button('Start video call').click()
  await expect(max.ring).toContainText('Anna')
  await max.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expect(anna.call.getByRole('timer')).toBeVisible({ timeout: 30_000 })
  await expect(max.call.getByRole('timer')).toBeVisible()
  await expect(anna.call.getByText('Guest', { exact: true })).toBeVisible()
  await max.button('Hang up').click()
  await expect(anna.log.getByText(/Video call/)).toBeVisible()
})

test('a guest keeps the account and finds everything on another device', async ({ server, person }) => {
  const anna = await owner(server, person, 'Garden')
  await anna.write('worth keeping')
  const link = await makeLink(anna, { lobby: false })
  const max = await person('Max')
  await comeAs(max, link, 'Join as a guest')
  await expect(max.message('worth keeping')).toBeVisible()
  await max.write('I stay')

  await max.button('Keep this account').first().click()
  const dialog = max.page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill('Anna')
  await dialog.getByLabel('Password', { exact: true }).fill('a long enough password')
  await dialog.getByRole('button', { name: 'Keep this account' }).click()
  await expect(dialog.getByText(/has this name already/)).toBeVisible()
  await dialog.getByLabel('Name', { exact: true }).fill('Max')
  await dialog.getByRole('button', { name: 'Keep this account' }).click()
  await max.keepRecoveryCode()
  await expect(max.button('Invite people').first()).toBeVisible()
  await max.write('for good')
  await expect(anna.message('for good')).toBeVisible()

  // The link ends, and who has kept the account stays.
  const again = await person('Max')
  await again.signIn()
  await again.open('Garden')
  await expect(again.message('worth keeping')).toBeVisible()
  await expect(again.message('I stay')).toBeVisible()
  await again.write('from my phone')
  await expect(anna.message('from my phone')).toBeVisible()
})

test('somebody with an account joins by the link, and becomes a member', async ({ server, person }) => {
  const anna = await owner(server, person)
  const ben = await person('Ben')
  await ben.join(await anna.invite())
  await makeRoom(anna, 'Garden')
  await anna.write('roses')
  const open = await makeLink(anna, { lobby: false })
  await ben.visit(open)
  await expect(ben.page.getByRole('heading', { name: 'Join Garden' })).toBeVisible()
  await ben.button('Join').click()
  await expect(ben.message('roses')).toBeVisible()
  await anna.button('More: Ben').click()
  await anna.page.getByRole('menuitem', { name: 'Make member' }).click()
  await expect(anna.log.getByText('Anna made Ben a plain member')).toBeVisible()
  await revokeLink(anna)
  await ben.write('still here')
  await expect(anna.message('still here')).toBeVisible()

  await makeRoom(anna, 'Cellar')
  const lobby = await makeLink(anna, { lobby: true })
  await ben.visit(lobby)
  await ben.button('Ask to join').click()
  await expect(ben.page.getByRole('heading', { name: 'Somebody has to let you in' })).toBeVisible()
  await anna.button('Let Ben in').click()
  await expect(ben.page.getByRole('heading', { name: 'Cellar' })).toBeVisible()
})

test('all that guests and their hosts see can be used by everybody', async ({ server, person }) => {
  test.setTimeout(180_000)
  const anna = await owner(server, person, 'Garden')
  const link = await makeLink(anna, { lobby: true })
  await anna.button('People and details').click()
  const max = await person('Max')
  await max.visit(link)
  await expect(max.page.getByLabel('Your name')).toBeVisible()
  await expectAccessible(max.page, 'the door of a room')
  await comeAs(max, link, 'Ask to join')
  await expect(max.page.getByText('You ask to join as Max.')).toBeVisible()
  await expectAccessible(max.page, 'waiting', ['phone'])
  await expect(anna.button('Let Max in')).toBeVisible()
  await expectAccessible(anna.page, 'somebody asks to join')
  await anna.button('Let Max in').press('Enter')
  await expect(max.page.getByRole('heading', { name: 'Garden' })).toBeVisible()
  await expectAccessible(max.page, 'the room of a guest')
  await max.visit('/settings/visit')
  await expect(max.button('Leave')).toBeVisible()
  await expectAccessible(max.page, 'the settings of a guest', ['phone'])
  await max.button('Leave').press('Enter')
  await max.page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).press('Enter')
  await expect(max.page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await expect(anna.log.getByText('Max left')).toBeVisible()
  await anna.write('and on we go')
  await expect(anna.message('and on we go')).toBeVisible()
})

type Persons = (name: string) => Promise<Person>

/** Anna, who has set the place up, perhaps in a room of her own. */
async function owner(server: Server, person: Persons, room?: string): Promise<Person> {
  const anna = await person('Anna')
  await anna.setUp(server)
  if (room) await makeRoom(anna, room)
  return anna
}

async function makeRoom(anna: Person, name: string): Promise<void> {
  await anna.button('New conversation').first().click()
  const dialog = anna.page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'New room' }).click()
  await dialog.getByLabel('Room name').fill(name)
  await dialog.getByRole('button', { name: 'Create room' }).click()
  await expect(anna.page.getByRole('heading', { name })).toBeVisible()
}

/** Makes a link in the panel of the room that is open, and tells its path. */
async function makeLink(anna: Person, { lobby }: { lobby: boolean }): Promise<string> {
  const more = anna.button('New link')
  if (!(await more.isVisible())) await anna.button('People and details').click()
  await more.click()
  const dialog = anna.page.getByRole('dialog', { name: 'A link to this room' })
  if (!lobby) await dialog.getByRole('switch').click()
  await dialog.getByRole('button', { name: 'Create link' }).click()
  const link = await shownLink(anna.page)
  await dialog.getByRole('button', { name: 'Done' }).click()
  return link
}

async function shownLink(page: Page): Promise<string> {
  const field = page.getByRole('textbox', { name: 'Link to this room' })
  await expect(field).toHaveValue(/\/j\//)
  const url = new URL(await field.inputValue())
  return url.pathname + url.hash
}

async function revokeLink(anna: Person): Promise<void> {
  const revoke = anna.page.getByRole('button', { name: /^Revoke link/ })
  if (!(await revoke.isVisible())) await anna.button('People and details').click()
  await revoke.click()
  await anna.page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(revoke).toHaveCount(0)
}

async function comeAs(guest: Person, link: string, action: string): Promise<void> {
  await guest.visit(link)
  await guest.page.getByLabel('Your name').fill(guest.name)
  await guest.button(action).click()
}
