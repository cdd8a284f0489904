/** What an edge uses of a host's context of a request (`ctx` of a Worker). */
export interface Context {
  /** Lets work go on behind the response. */
  waitUntil(promise: Promise<unknown>): void;
}
