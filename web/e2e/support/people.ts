// What people do, by the names they see.

import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test'

import { setClock } from './clock.ts'
import { keepOneTransport, recordPeerConnections, spoilRelayPasswords, type Transport } from './rtc.ts'
import type { Server } from './server.ts'

export const PASSWORD = 'a long enough password'

export interface Circumstances {
  /** The port in place of the server's own, such as a cable's. */
  port?: number
  phone?: boolean
  wrongRelayPassword?: boolean
  /** The only way to the relay. */
  transport?: Transport
  permissions?: string[]
  colorScheme?: 'light' | 'dark'
  /** By how many milliseconds the clock of the device is ahead. */
  clock?: number
}

/** One person at one browser profile. */
export class Person {
  /** Errors of scripts, and refusals by the content security policy. */
  readonly faults: string[] = []
  recoveryCode = ''

  private constructor(
    readonly name: string,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly origin: string,
  ) {}

  static async at(
    browser: Browser,
    server: Server,
    name: string,
    circumstances: Circumstances = {},
  ): Promise<Person> {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      locale: 'en-GB',
      colorScheme: circumstances.colorScheme ?? 'light',
      viewport: circumstances.phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
      ...(circumstances.phone ? { isMobile: true, hasTouch: true } : {}),
      ...(circumstances.permissions ? { permissions: circumstances.permissions } : {}),
    })
    return Person.in(context, server, name, circumstances)
  }

  /** At a browser profile that is there already. */
  static async in(
    context: BrowserContext,
    server: Server,
    name: string,
    circumstances: Circumstances = {},
  ): Promise<Person> {
    await context.addInitScript(recordPeerConnections)
    if (circumstances.wrongRelayPassword) await context.addInitScript(spoilRelayPasswords)
    if (circumstances.transport) await context.addInitScript(keepOneTransport, circumstances.transport)
    if (circumstances.clock) await setClock(context, circumstances.clock)
    const page = await context.newPage()
    const origin = `https://localhost:${circumstances.port ?? server.port}`
    const person = new Person(name, context, page, origin)
    page.on('pageerror', (error) => person.faults.push(String(error)))
    page.on('console', (message) => {
      if (/Content.Security.Policy|Trusted ?(Types?|HTML|Script)/i.test(message.text())) {
        person.faults.push(message.text())
      }
    })
    return person
  }

  async visit(path: string): Promise<void> {
    await this.page.goto(this.origin + path)
  }

  /** The first start: this person becomes the owner. */
  async setUp(server: Server): Promise<void> {
    await this.visit(server.setupPath)
    await expect(this.page.getByRole('heading', { name: 'Set up Callbox' })).toBeVisible()
    await this.fillIn()
    await this.page.getByRole('button', { name: 'Create account' }).click()
    await this.keepRecoveryCode()
    await this.expectInside()
  }

  /** Makes an invite link and tells its path. */
  async invite(): Promise<string> {
    await this.page.getByRole('button', { name: 'Invite people' }).first().click()
    const dialog = this.page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Create link' }).click()
    const field = dialog.getByRole('textbox', { name: 'Invite link' })
    await expect(field).toHaveValue(/\/j\//)
    const url = new URL(await field.inputValue())
    await this.page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
    return url.pathname + url.hash
  }

  async join(path: string): Promise<void> {
    await this.visit(path)
    await this.fillIn()
    await this.page.getByRole('button', { name: 'Join' }).click()
    await this.keepRecoveryCode()
    await this.expectInside()
  }

  /** Copies the recovery code that is shown and types its end, as it asks for. */
  async keepRecoveryCode(): Promise<void> {
    const code = this.page.getByTestId('recovery-code').locator('span')
    await expect(code).toHaveCount(7, { timeout: 30_000 })
    const groups = await code.allTextContents()
    await this.page.getByRole('button', { name: 'I have kept it' }).click()
    await this.page.getByLabel('Last two groups').fill(groups.slice(-2).join(' ').toLowerCase())
    await this.page.getByRole('button', { name: 'Go on' }).click()
    this.recoveryCode = groups.join('-')
  }

  async signIn(password = PASSWORD): Promise<void> {
    await this.visit('/')
    await this.fillIn(password)
    await this.page.getByRole('button', { name: 'Sign in' }).click()
    await this.expectInside()
  }

  async expectInside(): Promise<void> {
    await expect(
      this.page
        .getByRole('navigation', { name: 'Conversations' })
        .or(this.page.getByRole('log', { name: 'Messages' }))
        .first(),
    ).toBeVisible({ timeout: 30_000 })
  }

  /** Opens a conversation from the list; goes back to the list first on a phone. */
  async open(conversation: string): Promise<void> {
    await this.expectInside()
    const list = this.page.getByRole('navigation', { name: 'Conversations' })
    if (!(await list.isVisible())) {
      await this.page.getByRole('button', { name: 'Back' }).or(this.page.getByRole('link', { name: 'Back' })).first().click()
    }
    await list.getByRole('link', { name: conversation }).click()
    await expect(this.log).toBeVisible()
  }

  /** Opens the direct conversation with somebody by way of "New conversation". */
  async openDirect(other: Person): Promise<void> {
    await this.expectInside()
    const list = this.page.getByRole('navigation', { name: 'Conversations' })
    if (!(await list.isVisible())) {
      await this.page.getByRole('button', { name: 'Back' }).or(this.page.getByRole('link', { name: 'Back' })).first().click()
    }
    await this.page.getByRole('button', { name: 'New conversation' }).first().click()
    const dialog = this.page.getByRole('dialog')
    await dialog.getByText(other.name, { exact: true }).click()
    await expect(this.page.getByRole('heading', { name: other.name })).toBeVisible()
  }

  get log() {
    return this.page.getByRole('log', { name: 'Messages' })
  }

  message(text: string) {
    return this.log.getByText(text, { exact: true })
  }

  async write(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Message' }).fill(text)
    await this.page.keyboard.press('Enter')
  }

  button(name: string) {
    return this.page.getByRole('button', { name, exact: true })
  }

  /** The dialog that rings. */
  get ring() {
    return this.page.getByRole('alertdialog', { name: /^Incoming (audio|video) call/ })
  }

  /** The running call. */
  get call() {
    return this.page.getByRole('region', { name: 'Call', exact: true })
  }

  async leave(): Promise<void> {
    await this.context.close()
  }

  private async fillIn(password = PASSWORD): Promise<void> {
    await this.page.getByLabel('Name', { exact: true }).fill(this.name)
    await this.page.getByLabel('Password', { exact: true }).fill(password)
  }
}
