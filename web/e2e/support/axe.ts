// Looks at a screen with axe, in both themes and at both ends of the range of widths.

import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

const WIDTHS = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const
const THEMES = ['light', 'dark'] as const

/** Expects no violation of any rule, best practices included; goes on to the next screen after one. */
export async function expectAccessible(
  page: Page,
  screen: string,
  widths: readonly (keyof typeof WIDTHS)[] = ['desktop', 'phone'],
): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize(WIDTHS[width])
    for (const colorScheme of THEMES) {
      // Nothing moves: a colour on its way to another would be measured as neither.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))
      // One frame, so no need for the extra page in which results of frames are joined.
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
      const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
      expect.soft(found, `${screen}, ${width}, ${colorScheme}`).toEqual([])
    }
  }
  await page.setViewportSize(WIDTHS.desktop)
}
