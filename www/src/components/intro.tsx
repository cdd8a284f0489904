/** What this page is, in three sentences. */

export function Intro() {
  return (
    <section class="intro" aria-labelledby="intro-title">
      <h1 id="intro-title">Issue a key. Watch every check it has to pass.</h1>
      <p>
        Keyward decides inside your edge function, without a network call, whether an API key is genuine, alive and
        allowed. This is that same WebAssembly, running in your browser by the rules of the system that you choose.
        Change anything below and the decision follows.
      </p>
    </section>
  );
}
