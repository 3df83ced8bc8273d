// A device whose clock is wrong, in its pages and in their workers.

import type { BrowserContext } from '@playwright/test'

export async function setClock(context: BrowserContext, ahead: number): Promise<void> {
  await context.addInitScript(shiftDate, ahead)
  // Init scripts do not reach workers: these come from the server with their clock put before them.
  await context.route(/\/assets\/[^/]*worker[^/]*\.js$/, async (route) => {
    const response = await route.fetch()
    const body = `(${shiftDate.toString()})(${ahead});\n${await response.text()}`
    await route.fulfill({ response, body })
  })
}

/** Runs in the page or the worker. */
function shiftDate(ahead: number): void {
  const True = Date
  const now = () => True.now() + ahead
  globalThis.Date = new Proxy(True, {
    construct: (target, given: unknown[]) => Reflect.construct(target, given.length > 0 ? given : [now()]) as Date,
    get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
  })
}
