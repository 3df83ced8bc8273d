import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";

/** The service worker: one classic script beside the page, under a name that never changes. */
export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  publicDir: false,
  build: {
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    emptyOutDir: false,
    modulePreload: false,
    rollupOptions: {
      input: fileURLToPath(new URL("src/sw/sw.ts", import.meta.url)),
      output: { format: "iife", entryFileNames: "sw.js" },
    },
  },
});
