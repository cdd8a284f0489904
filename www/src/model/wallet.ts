/**
 * The client's side: the keys themselves, so that the visitor can ask with them.
 *
 * They live in this object and nowhere else: no storage, no address, no DOM attribute. Closing the tab forgets them.
 * A deleted or replaced key stays here, because what its issuer does does not take it out of a client's hands.
 */
export class Wallet {
  readonly #keys = new Map<string, string>();

  /** Keeps the key with this digest. */
  keep(digest: string, key: string): void {
    this.#keys.set(digest, key);
  }

  /** The key with this digest, if it was issued in this tab. */
  key(digest: string): string | undefined {
    return this.#keys.get(digest);
  }
}
