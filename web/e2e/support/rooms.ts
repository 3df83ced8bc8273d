// Rooms and their links: what their members do, and how a guest comes in.

import type { Page } from '@playwright/test'
import { expect } from '@playwright/test'

import type { Person } from './people.ts'
import type { Server } from './server.ts'

type Persons = (name: string) => Promise<Person>

/** Anna, who has set the place up, perhaps in a room of her own. */
export async function owner(server: Server, person: Persons, room?: string): Promise<Person> {
  const anna = await person('Anna')
  await anna.setUp(server)
  if (room) await makeRoom(anna, room)
  return anna
}

export async function makeRoom(anna: Person, name: string): Promise<void> {
  await anna.button('New conversation').first().click()
  const dialog = anna.page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'New room' }).click()
  await dialog.getByLabel('Room name').fill(name)
  await dialog.getByRole('button', { name: 'Create room' }).click()
  await expect(anna.page.getByRole('heading', { name })).toBeVisible()
}

/** Makes a link in the panel of the room that is open, and tells its path. */
export async function makeLink(anna: Person, { lobby }: { lobby: boolean }): Promise<string> {
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

export async function shownLink(page: Page): Promise<string> {
  const field = page.getByRole('textbox', { name: 'Link to this room' })
  await expect(field).toHaveValue(/\/j\//)
  const url = new URL(await field.inputValue())
  return url.pathname + url.hash
}

export async function revokeLink(anna: Person): Promise<void> {
  const revoke = anna.page.getByRole('button', { name: /^Revoke link/ })
  if (!(await revoke.isVisible())) await anna.button('People and details').click()
  await revoke.click()
  await anna.page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(revoke).toHaveCount(0)
}

export async function comeAs(guest: Person, link: string, action: string): Promise<void> {
  await guest.visit(link)
  await guest.page.getByLabel('Your name').fill(guest.name)
  await guest.button(action).click()
}
