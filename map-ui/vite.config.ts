import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const server = process.env.ORTOO_URL ?? "http://127.0.0.1:8110";

export default defineConfig({
  // Relative addresses: the same build is served from the root or from behind a path of a proxy.
  base: "./",
  plugins: [svelte()],
  build: {
    target: "es2022",
    manifest: true,
    // The worker of the map must stay a file of its own; inlining would break a strict content policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { input: ["index.html", "patrol.html"] },
  },
  server: {
    proxy: {
      "/api": { target: server, ws: true },
      "/map": { target: server },
    },
  },
  test: {
    include: ["src/**/*.test.ts"],
    environment: "node",
  },
});
