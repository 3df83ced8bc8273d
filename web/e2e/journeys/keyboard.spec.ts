import type { Page } from '@playwright/test'

import { expect, test } from '../support/test.ts'

/** Presses Tab until something with this name has the focus. */
async function tabTo(page: Page, role: 'button' | 'link' | 'textbox', name: string | RegExp): Promise<void> {
  const wanted = page.getByRole(role, { name, exact: typeof name === 'string' }).first()
  await expect(wanted).toBeVisible()
  for (let presses = 0; presses < 80; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) {
      // Whoever cannot use a pointer must see where they are; in a text the caret shows it.
      if (role === 'textbox') return
      const ring = await wanted.evaluate((element) => {
        const look = (of: Element, part?: string) => getComputedStyle(of, part)
        const styles = [look(element), look(element, '::after'), ...(element.parentElement ? [look(element.parentElement)] : [])]
        return styles.some(({ outlineStyle, outlineWidth, boxShadow }) => (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none')
      })
      expect(ring, `the focus on ${String(name)} is to be seen`).toBe(true)
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not come to ${role} ${String(name)}`)
}

test('everything is reached and done without a pointer', async ({ server, person }) => {
  const anna = await person('Anna')
  const { page } = anna
  await anna.visit(server.setupPath)
  await tabTo(page, 'textbox', 'Name')
  await page.keyboard.type('Anna')
  await page.keyboard.press('Tab')
  await page.keyboard.type('a long enough password')
  await page.keyboard.press('Enter')
  const code = page.getByTestId('recovery-code')
  await expect(code).toBeVisible({ timeout: 30_000 })
  const groups = await code.locator('span').allTextContents()
  await tabTo(page, 'button', 'I have kept it')
  await page.keyboard.press('Enter')
  await tabTo(page, 'textbox', 'Last two groups')
  await page.keyboard.type(groups.slice(-2).join(' '))
  await page.keyboard.press('Enter')
  await anna.expectInside()

  await tabTo(page, 'button', 'Invite people')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await tabTo(page, 'button', 'Create link')
  await page.keyboard.press('Enter')
  const field = dialog.getByRole('textbox', { name: 'Invite link' })
  await expect(field).toHaveValue(/\/j\//)
  const url = new URL(await field.inputValue())
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('button', { name: 'Invite people' }).first()).toBeFocused()

  const ben = await person('Ben', { permissions: ['microphone', 'camera'] })
  await ben.join(url.pathname + url.hash)

  await tabTo(page, 'textbox', /^Message/)
  await page.keyboard.type('Hello from the keyboard')
  await page.keyboard.press('Enter')
  await expect(anna.message('Hello from the keyboard')).toBeVisible()

  await tabTo(page, 'link', 'People')
  await page.keyboard.press('Enter')
  await tabTo(page, 'button', 'Message Ben')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Ben' })).toBeVisible()

  await anna.context.grantPermissions(['microphone', 'camera'])
  await tabTo(page, 'button', 'Start audio call')
  await page.keyboard.press('Enter')
  await expect(ben.ring).toBeVisible()
  await tabTo(ben.page, 'button', 'Accept')
  await ben.page.keyboard.press('Enter')
  await tabTo(page, 'button', 'Hang up')
  await page.keyboard.press('Enter')
  await expect(anna.log.getByText(/Audio call/).first()).toBeVisible()

  await tabTo(page, 'button', 'Anna')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible()
  await tabTo(page, 'link', 'Devices')
  await page.keyboard.press('Enter')
  await expect(page.getByText('This device')).toBeVisible()
})
