import { fileURLToPath } from "node:url";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { ProxyOptions } from "vite";
import { defineConfig } from "vitest/config";

const server = process.env.CALLBOX_SERVER ?? "http://127.0.0.1:3001";

/** The server answers only to its own origin, so requests through the dev server carry that one. */
function proxied(options: ProxyOptions = {}): ProxyOptions {
  return {
    target: server,
    changeOrigin: true,
    secure: false,
    configure(proxy) {
      proxy.on("proxyReq", (request) => {
        if (request.hasHeader("origin")) request.setHeader("origin", server);
      });
      proxy.on("proxyReqWs", (request) => request.setHeader("origin", server));
    },
    ...options,
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  worker: { format: "es" },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { "/api": proxied(), "/ws": proxied({ ws: true }) },
  },
  experimental: {
    // What a module loads lies beside it, wherever that is (see `--asset-origin`), but a worker must be of the page's
    // own origin.
    renderBuiltUrl: (name, { hostType }) =>
      hostType === "js" && !/(?:^|\/)worker-[^/]*$/.test(name) ? { relative: true } : undefined,
  },
  build: {
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    cssTarget: ["chrome123", "edge123", "firefox121", "safari17.5"],
    // The content security policy allows no data: fonts or scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
