/**
 * Routes that were resolved once, to be decided many times.
 */
import type { RouteHandle, Verifier } from "./verifier.js";

/** A route as one verifier knows it: `number` is its module's, and means nothing to another. */
export class ResolvedRoute implements RouteHandle {
  readonly owner: Verifier;
  readonly number: number;
  readonly method: string;
  readonly path: string;

  constructor(owner: Verifier, number: number, method: string, path: string) {
    this.owner = owner;
    this.number = number;
    this.method = method;
    this.path = path;
    Object.freeze(this);
  }
}
