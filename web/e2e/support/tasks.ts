// What keeps a page's main thread from answering, as Chromium tells it.

import type { Page } from '@playwright/test'

interface Frame {
  start: number
  duration: number
  /** The longest script in it: our part, without layout and paint. */
  script: number
  what: string
}

interface Watched {
  frames: Frame[]
  tasks: { start: number; duration: number }[]
}

interface LongFrame extends PerformanceEntry {
  scripts: { duration: number; sourceURL: string; sourceFunctionName: string; invoker: string }[]
}

/** Runs in the page, before its own scripts. */
export function watchTasks(): void {
  const watched: Watched = { frames: [], tasks: [] }
  ;(globalThis as unknown as { watched: Watched }).watched = watched
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as LongFrame[]) {
      const longest = entry.scripts.toSorted((a, b) => b.duration - a.duration)[0]
      watched.frames.push({
        start: entry.startTime,
        duration: entry.duration,
        script: longest?.duration ?? 0,
        what: longest ? `${longest.invoker} ${longest.sourceURL.split('/').at(-1)} ${longest.sourceFunctionName}` : '',
      })
    }
  }).observe({ type: 'long-animation-frame', buffered: true })
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) watched.tasks.push({ start: startTime, duration })
  }).observe({ type: 'longtask', buffered: true })
}

/** Since the last time it was asked: tasks over 50 ms, the longest of them, and the longest script. */
export async function tasksOf(page: Page): Promise<string> {
  const { frames, tasks } = await page.evaluate(() => {
    const { watched } = globalThis as unknown as { watched: Watched }
    return { frames: watched.frames.splice(0), tasks: watched.tasks.splice(0) }
  })
  const longest = Math.max(0, ...tasks.map(({ duration }) => duration))
  const frame = frames.toSorted((a, b) => b.script - a.script)[0]
  const script = frame ? `${Math.round(frame.script)} ms (${frame.what})` : 'none'
  return `${tasks.length} tasks over 50 ms, longest ${Math.round(longest)} ms, longest script ${script}`
}
