import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const WORTH_IT = 1024;

/** Writes each larger file a second time, compressed: the gateway sends it as it is. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    async writeBundle({ dir = "build" }) {
      const assets = join(dir, "assets");
      for (const name of await readdir(assets)) {
        const whole = await readFile(join(assets, name));
        if (whole.length < WORTH_IT) continue;
        await writeFile(join(assets, `${name}.gz`), await promisify(gzip)(whole, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  base: "./", // wherever the gateway's root is
  plugins: [compressed()],
  worker: { format: "es" },
  logLevel: "warn",
  build: {
    outDir: "build", // it takes the place of dist/ when it is whole
    target: "es2022",
    assetsInlineLimit: 0, // an inlined script or worker would need a laxer policy
    license: { fileName: "licenses.md" }, // what is in here is other people's
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { moduleLevelDirective: false } }, // React's, of no matter here
    chunkSizeWarningLimit: 4096, // Monaco is what it is
  },
});
