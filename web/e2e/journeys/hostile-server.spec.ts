// E1 to E4 as people meet them: a server that changes, swaps, drops and tells two stories.

import { bent, lieTo, type Told } from '../support/liar.ts'
import type { Person } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

const SPLIT = /different versions of this conversation/

test('e1 a message changed on its way is not shown, and says so', async ({ pair, person }) => {
  const [anna, ben] = await pair()
  await anna.write('untouched')
  await expect(ben.message('untouched')).toBeVisible()
  await lieTo(ben.page, (told) => {
    for (const { content } of told.entries ?? []) {
      if (content.envelope) content.envelope = bent(content.envelope)
    }
    return [told]
  })
  await ben.page.reload()
  await expect(ben.message('untouched')).toBeVisible()
  await anna.write('tampered with')
  await expect(ben.log.getByText(/Changed on its way/)).toBeVisible()
  await expect(ben.message('tampered with')).toHaveCount(0)
  // Other devices of the same account that the server tells the truth open it.
  const second = await person('Ben')
  await second.signIn()
  await second.open('Anna')
  await expect(second.message('tampered with')).toBeVisible()
})

test('e2 two messages that the server swaps are noticed', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.write('before')
  await expect(ben.message('before')).toBeVisible()
  // The first that comes live is held back, and told behind the second, under its number.
  let held: Told | undefined
  await lieTo(ben.page, (told) => {
    const [entry] = told.entries ?? []
    if (told.type !== 'entries' || !entry) return [told]
    if (!held) {
      held = told
      return []
    }
    const [first] = held.entries ?? []
    if (!first || first.seq === -1) return [told]
    const swapped = [
      { ...told, entries: [{ ...entry, seq: first.seq }] },
      { ...held, entries: [{ ...first, seq: entry.seq }] },
    ]
    first.seq = -1
    return swapped
  })
  await ben.page.reload()
  await expect(ben.message('before')).toBeVisible()
  await anna.write('one')
  await expect(anna.message('one')).toBeVisible()
  await anna.write('two')
  await expect(ben.message('two')).toBeVisible()
  await expect(ben.log.getByText(/Something by Anna is missing before this message/)).toBeVisible()
  await expect(ben.log.getByText(/repetition of an older message/)).toBeVisible()
  await expect(ben.message('one')).toHaveCount(0)
  // The next one names what its sender had seen.
  await anna.write('three')
  await expect(ben.message('three')).toBeVisible()
  await expect(ben.page.getByText(SPLIT)).toBeVisible()
})

test('e3 a message that the server keeps back is missed', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.write('first')
  await expect(ben.message('first')).toBeVisible()
  let dropped = 0
  await lieTo(ben.page, (told) => {
    // The first that comes live is kept back, and those behind it move up.
    if (told.type === 'entries' && dropped === 0) {
      dropped = told.entries?.[0]?.seq ?? 0
      return []
    }
    for (const entry of told.entries ?? []) if (entry.seq > dropped) entry.seq -= 1
    return [told]
  })
  await ben.page.reload()
  await expect(ben.message('first')).toBeVisible()
  await anna.write('kept back')
  await expect(anna.message('kept back')).toBeVisible()
  await anna.write('after it')
  await expect(ben.log.getByText(/Something by Anna is missing before this message/)).toBeVisible()
  await expect(ben.message('kept back')).toHaveCount(0)
})

test('e3 a change that the server keeps back is missed at the next change', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.open('Everyone')
  await anna.write('first')
  await ben.open('Everyone')
  await expect(ben.message('first')).toBeVisible()
  let dropped = 0
  await lieTo(ben.page, (told) => {
    if (told.type === 'entries' && dropped === 0) {
      dropped = told.entries?.[0]?.seq ?? 0
      return []
    }
    for (const entry of told.entries ?? []) if (entry.seq > dropped) entry.seq -= 1
    return [told]
  })
  await ben.page.reload()
  await expect(ben.message('first')).toBeVisible()
  await anna.write('kept back')
  await expect(anna.message('kept back')).toBeVisible()
  await renewKeys(anna)
  await expect(ben.log.getByText(/Anna renewed the keys/)).toBeVisible()
  await expect(ben.log.getByText(/Something by Anna is missing before this/)).toBeVisible()
  await expect(ben.message('kept back')).toHaveCount(0)
})

test('e4 who is shown another order than the others hears of it with the next message', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.write('before')
  await expect(ben.message('before')).toBeVisible()
  // What Anna writes and what Ben writes change places, for Ben alone.
  let held: Told | undefined
  let swapped = false
  await lieTo(ben.page, (told) => {
    if (swapped) return [told]
    const [entry] = told.entries ?? []
    if (told.type === 'entries' && entry && !held) {
      held = told
      return []
    }
    const [first] = held?.entries ?? []
    if (!held || !first) return [told]
    if (told.type === 'sent') return [{ ...told, seq: first.seq }]
    if (told.type !== 'entries' || !entry) return [told]
    swapped = true
    return [
      { ...told, entries: [{ ...entry, seq: first.seq }] },
      { ...held, entries: [{ ...first, seq: entry.seq }] },
    ]
  })
  await ben.page.reload()
  await expect(ben.message('before')).toBeVisible()
  await anna.write('from Anna')
  await expect(anna.message('from Anna')).toBeVisible()
  await ben.write('from Ben')
  await expect(anna.message('from Ben')).toBeVisible()
  await expect(ben.message('from Anna')).toBeVisible()
  await anna.write('what Anna has seen')
  await expect(ben.message('what Anna has seen')).toBeVisible()
  await expect(ben.page.getByRole('alert').getByText(SPLIT)).toBeVisible()
  await expect(anna.page.getByText(SPLIT)).toHaveCount(0)
  // And the other way round: what Ben has seen is not what Anna was shown.
  await ben.write('what Ben has seen')
  await expect(anna.message('what Ben has seen')).toBeVisible()
  await expect(anna.page.getByRole('alert').getByText(SPLIT)).toBeVisible()
})

async function renewKeys(person: Person): Promise<void> {
  await person.button('People and details').click()
  await person.page.getByRole('button', { name: 'Renew keys' }).click()
  await expect(person.page.getByText('The keys of this conversation are new.').first()).toBeVisible()
  await person.page.keyboard.press('Escape')
}
