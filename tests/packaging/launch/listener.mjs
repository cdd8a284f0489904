/** The suite behind a `fetch` event, for hosts that know no exports. */
import { results } from "./results.mjs";

addEventListener("fetch", (event) => event.respondWith(results().then((all) => new Response(JSON.stringify(all)))));
