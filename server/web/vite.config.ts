/**
 * The store's pages: each .html in this folder is one page, and holds what its head has of its own; the rest of it is
 * lib/shell.html. The store server serves dist/ under its own paths.
 */

import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));
const pages = readdirSync(here).filter((name) => name.endsWith(".html"));
const shell = readFileSync(`${here}lib/shell.html`, "utf-8");

export default defineConfig({
  plugins: [
    {
      name: "shell",
      transformIndexHtml: {
        order: "pre",
        handler: (own, { path }) => shell.replaceAll("{name}", () => basename(path, ".html")).replace("<!-- own -->", () => own.trim()),
      },
    },
  ],
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
