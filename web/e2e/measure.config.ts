import { defineConfig } from '@playwright/test'

// Figures, not judgements: run by `cargo bench --bench history`, which makes the data.
export default defineConfig({
  testDir: 'measure',
  outputDir: '.out',
  workers: 1,
  timeout: 600_000,
  expect: { timeout: 60_000 },
  reporter: [['line']],
})
