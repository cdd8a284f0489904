/** Name and theme. */
import { useEffect, useState } from "preact/hooks";
import { Icon, Mark } from "./icon";

export function Header() {
  const [dark, setDark] = useTheme();
  return (
    <header class="top">
      <p class="brand">
        <Mark /> Keyward
      </p>
      <button type="button" class="button quiet theme" onClick={() => setDark(!dark)}>
        <Icon name={dark ? "sun" : "moon"} />
        <span>{dark ? "Light" : "Dark"}</span>
        <span class="sr"> theme</span>
      </button>
    </header>
  );
}

/** The system's theme until the visitor chooses the other; the choice lasts as long as the page, nothing is stored. */
function useTheme(): [boolean, (dark: boolean) => void] {
  const [system, setSystem] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  const [chosen, setChosen] = useState<boolean>();
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => setSystem(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  useEffect(() => {
    if (chosen === undefined) delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = chosen ? "dark" : "light";
  }, [chosen]);
  return [chosen ?? system, setChosen];
}
