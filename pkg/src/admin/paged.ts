/**
 * A list that comes in parts.
 */

/** A part of a list. */
export interface Page<T> {
  /** The items of this part. */
  readonly data: readonly T[];
  /** Where the next part starts; `null` in the last one. */
  readonly next_cursor: string | null;
}

/** A list: `for await` walks over all of it and fetches part after part; `page` fetches one. Nothing is asked before. */
export class Paged<T> implements AsyncIterable<T> {
  readonly #fetch: (cursor: string | undefined) => Promise<Page<T>>;

  /** @internal */
  constructor(fetch: (cursor: string | undefined) => Promise<Page<T>>) {
    this.#fetch = fetch;
  }

  /** The first part, or the one that starts at the `next_cursor` of another. */
  page(cursor?: string): Promise<Page<T>> {
    return this.#fetch(cursor);
  }

  /** Part after part. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    let cursor: string | null | undefined;
    do {
      const page: Page<T> = await this.#fetch(cursor ?? undefined);
      yield page;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** Item after item. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.data;
  }

  /** All items. Of a long list, rather walk over it. */
  async all(): Promise<T[]> {
    const items: T[] = [];
    for await (const item of this) items.push(item);
    return items;
  }
}
