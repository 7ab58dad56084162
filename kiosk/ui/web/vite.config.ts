/** The kiosk's page; the kiosk process serves dist/. */

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/",
  resolve: { dedupe: ["preact", "@preact/signals"] },
  // lib/ and messages/ lie outside the root; the development server must be allowed to read them.
  server: { fs: { allow: [fileURLToPath(new URL("../../..", import.meta.url))] } },
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
});
