/** The page: header, the systems to choose from, the console of the chosen one, and what else there is to know. */
import { useState } from "preact/hooks";
import { Chooser } from "./components/chooser";
import { Console } from "./components/console";
import { Header } from "./components/header";
import { Intro } from "./components/intro";
import { System } from "./components/system";
import { WorkerPanel } from "./components/worker";
import { profileOf } from "./engine";
import { useSystem } from "./model/address";
import { Shelf } from "./model/shelf";

export function App() {
  const [id, choose] = useSystem();
  const [shelf] = useState(() => new Shelf());
  return (
    <>
      <a class="skip-link" href="#decision">
        Skip to the decision
      </a>
      <Header />
      <main>
        <Intro />
        <Chooser chosen={id} onChoose={choose} />
        <System.Provider value={profileOf(id)}>
          <Console key={id} shelf={shelf} />
        </System.Provider>
        <WorkerPanel />
      </main>
      <footer class="foot">
        <p>
          Everything above happened in this tab. Keys were drawn from your browser’s random source, kept in memory, and
          are gone when you close the page. Names of products belong to their owners; the rules shown are read from
          their public documents, and what those leave open is ours.
        </p>
      </footer>
    </>
  );
}
