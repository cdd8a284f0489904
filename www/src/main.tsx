/** Entry: styles in cascade order, then the page, or why there is none. */
import { render } from "preact";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/form.css";
import "./styles/chooser.css";
import "./styles/dialog.css";
import "./styles/keys.css";
import "./styles/request.css";
import "./styles/decision.css";
import "./styles/clock.css";
import "./styles/routes.css";
import "./styles/measure.css";

const page = document.getElementById("page");
if (page === null) throw new Error("index.html has no element #page");

// The engine is compiled while its module is evaluated; where WebAssembly is forbidden or absent, that is said.
try {
  const { App } = await import("./app");
  render(<App />, page);
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  render(
    <main class="broken">
      <h1>This page cannot run here</h1>
      <p>It needs WebAssembly, which this browser does not have or does not allow. The browser says: {why}</p>
    </main>,
    page,
  );
  throw error;
}
