/**
 * The client's side: the keys themselves, so that the visitor can ask with them.
 *
 * They live in this object and nowhere else: no storage, no address, no DOM attribute. Closing the tab forgets them.
 * A deleted key stays here, because deleting it at the issuer does not take it out of a client's hands.
 */
export class Wallet {
  readonly #keys = new Map<string, string>();

  /** Keeps the key that was issued under this id. */
  keep(id: string, key: string): void {
    this.#keys.set(id, key);
  }

  /** The key with this id, if it was issued in this tab. */
  key(id: string): string | undefined {
    return this.#keys.get(id);
  }
}
