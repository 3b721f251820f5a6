import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const WORTH_COMPRESSING = /\.(?:html|js|css|svg|json|wasm)$/;

/** Writes `.br` and `.gz` beside each file, so that the server compresses nothing at run time. */
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    writeBundle({ dir }) {
      if (dir === undefined) return;
      for (const entry of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
        if (!WORTH_COMPRESSING.test(entry)) continue;
        const file = join(dir, entry);
        const bytes = readFileSync(file);
        // Above 9 the WebAssembly takes ten times as long, for a few per cent.
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

/** Where `npm run dev` finds a running server. */
const server = process.env["STRATUM_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), precompressed()],
  resolve: {
    alias: {
      "~": fileURLToPath(new URL("src", import.meta.url)),
      // The package that users of npm get, as `make wasm-package` builds it. The first name that fits is taken.
      "@stratum-trust/wasm/full/worker": fileURLToPath(new URL("../../bindings/wasm/pkg/full/worker.js", import.meta.url)),
      "@stratum-trust/wasm": fileURLToPath(new URL("../../bindings/wasm/pkg/index.js", import.meta.url)),
    },
  },
  build: {
    target: "es2022",
    // The policy of the page allows no `data:` fonts or scripts, so nothing is put inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // The library with the customer in it works beside the page, and loads its parts as the page does.
  worker: { format: "es" },
  server: {
    fs: { allow: [".", "../../bindings/wasm/pkg"] },
    proxy: { "/api": server, "/health": server, "/docs": server, "/openapi.json": server },
  },
  test: { include: ["src/**/*.test.ts"], reporters: ["default"] },
} as Parameters<typeof defineConfig>[0]);
