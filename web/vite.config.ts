import { defineConfig } from "vitest/config";

export default defineConfig({
  publicDir: false,
  assetsInclude: ["**/*.geojson"],
  resolve: { alias: { "milsymbol-parts": new URL("node_modules/milsymbol/index.mjs", import.meta.url).pathname } },
  build: {
    outDir: "../src/tenere/serve/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
  test: { include: ["test/**/*.test.ts"] },
});
