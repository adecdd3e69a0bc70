// Builds static/build: app.js, charts.js, app.css, print.css and the icon sprite. Run by `make ui`.
import { build } from "esbuild";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static", "build");
const target = ["chrome90", "firefox91", "safari14.1"];

function symbol(name) {
  const file = join(here, "node_modules", "lucide-static", "icons", `${name}.svg`);
  if (!existsSync(file)) {
    throw new Error(`icons.txt names an icon that lucide does not have: ${name}`);
  }
  const svg = readFileSync(file, "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
}

/** Departments add files to css/pages; all of them are part of app.css without a shared list to edit. */
const pageStyles = {
  name: "page-styles",
  setup(builder) {
    builder.onLoad({ filter: /css[\\/]app\.css$/ }, ({ path }) => {
      const pages = readdirSync(join(here, "css", "pages")).filter((file) => file.endsWith(".css")).sort();
      const imports = pages.map((file) => `@import "./pages/${file}";`).join("\n");
      return { contents: `${readFileSync(path, "utf8")}\n${imports}\n`, loader: "css", resolveDir: dirname(path) };
    });
  },
};

mkdirSync(out, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: { app: "js/app.js", charts: "js/charts.js" },
  bundle: true,
  minify: true,
  format: "iife",
  target,
  outdir: out,
  legalComments: "linked",
});
await build({
  absWorkingDir: here,
  entryPoints: { app: "css/app.css", print: "css/print.css" },
  bundle: true,
  minify: true,
  target,
  outdir: out,
  external: ["/static/*", "/ui/*"],
  plugins: [pageStyles],
});
const icons = readFileSync(join(here, "icons.txt"), "utf8").trim().split(/\s+/);
writeFileSync(
  join(out, "icons.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg">${[...new Set(icons)].map(symbol).join("")}</svg>`,
);
