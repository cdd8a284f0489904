/** Cold isolates: a Worker that loads others, each time into an isolate that has never run. */
import { residentBytes } from "../host.mjs";
import { answer, startWorkerd } from "../workerd.mjs";

/** `variants` are Workers' modules by name. Gives `{ start(name) → { ms, memory }, stop }`; memory is what workerd grew by. */
export async function coldIsolates(variants) {
  const modules = [];
  const sources = Object.entries(variants).map(([variant, parts], at) => {
    const members = parts.map(({ name, type, contents }, part) => {
      const own = `v${at}_${part}`;
      modules.push({ name: own, type: type === "esModule" ? "text" : "data", contents });
      const kind = { esModule: "js", wasm: "wasm", data: "data" }[type];
      // Only a name that ends in `.js` is taken for a script.
      return { own, member: `${JSON.stringify(name.replace(/\.mjs$/, ".js"))}: { ${kind}: ${own} }` };
    });
    return { variant, main: parts[0].name.replace(/\.mjs$/, ".js"), members };
  });
  const loader = [
    ...sources.flatMap(({ members }) => members.map(({ own }) => `import ${own} from "./${own}";`)),
    "const VARIANTS = {",
    ...sources.map(
      ({ variant, main, members }) =>
        `${variant}: { mainModule: "${main}", modules: { ${members.map(({ member }) => member).join(", ")} } },`,
    ),
    "};",
    "export default {",
    "  async fetch(request, env) {",
    "    const { pathname, search } = new URL(request.url);",
    '    const code = () => ({ compatibilityDate: "2025-12-17", ...VARIANTS[pathname.slice(1)] });',
    "    return env.LOADER.get(pathname + search, code).getEntrypoint().fetch(request);",
    "  },",
    "};",
  ].join("\n");
  modules.unshift({ name: "loader.mjs", type: "esModule", contents: loader });
  const bindings = ['(name = "LOADER", workerLoader = (id = "bench"))'];
  const { address, pid, stop } = await startWorkerd([{ name: "loader", modules, bindings }]);
  let number = 0;
  return {
    stop,
    async start(variant) {
      const before = residentBytes(pid);
      const started = performance.now();
      const text = await answer(new URL(`/${variant}?${number++}`, address("loader")));
      const ms = performance.now() - started;
      if (text !== "ok") throw new Error(`${variant}: ${text}`);
      return { ms, memory: residentBytes(pid) - before };
    },
  };
}
