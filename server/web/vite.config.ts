/** The store's pages: each .html in this folder is one page; the store server serves dist/ under its own paths. */

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));
const pages = readdirSync(here).filter((name) => name.endsWith(".html"));

export default defineConfig({
  root: here,
  base: "/",
  worker: { format: "es" },
  resolve: { dedupe: ["preact", "@preact/signals"] },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    rolldownOptions: { input: Object.fromEntries(pages.map((name) => [name.replace(".html", ""), here + name])) },
  },
});
