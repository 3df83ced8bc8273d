import { defineConfig } from '@playwright/test'

// Journeys of people through the real client, served by the real binary.
// One at a time: calls need both cores of a small machine.
export default defineConfig({
  testDir: 'journeys',
  outputDir: '.out',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure' },
})
