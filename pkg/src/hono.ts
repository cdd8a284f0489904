/**
 * Keyward as a middleware of Hono.
 *
 *     const app = new Hono<KeywardEnv>();
 *     app.use("/api/*", keyward({ edge }));
 *     app.get("/api/me", (c) => c.json({ account: c.var.key.account }));
 *
 * @module keyward/hono
 */
import type { Context, MiddlewareHandler } from "hono";
import type { Allowed, Denied } from "./decision.js";
import type { Edge } from "./edge/connect.js";
import { invalidArgument } from "./error.js";
import type { ContextValues, Verifier, VerifyOptions } from "./verifier.js";

/** What the middleware adds to Hono's context: `c.var.key`. */
export interface KeywardEnv {
  /** What handlers find in `c.var`. */
  Variables: {
    /** What the request's key grants. */
    key: Allowed;
  };
}

/** Who decides: one of the two. */
export type Decides =
  { readonly edge: Edge; readonly verifier?: never } | { readonly verifier: Verifier; readonly edge?: never };

/** What the middleware takes. */
export type KeywardOptions = Decides & {
  /** What the key's constraints are held against, read from the request. */
  readonly context?: ((c: Context) => ContextValues | Promise<ContextValues>) | undefined;
  /** The client's address, from wherever this host keeps it. Without it, a key that is bound to a network is refused. */
  readonly clientAddress?: ((c: Context) => string | null | undefined) | undefined;
  /** Units that the request takes from the key's rate limit, instead of what its route says. */
  readonly cost?: number | ((c: Context) => number | undefined) | undefined;
  /** The reply to what is refused, instead of `denied.toResponse()`. */
  readonly onDenied?: ((c: Context, denied: Denied) => Response | Promise<Response>) | undefined;
};

/** Lets through what the edge or the verifier allows, with the key in `c.var.key`; answers everything else itself. */
export function keyward(options: KeywardOptions): MiddlewareHandler<KeywardEnv> {
  const { edge, verifier, context, clientAddress, cost, onDenied } = options;
  if ((edge ?? verifier) === undefined) throw invalidArgument("options: expected an edge or a verifier");
  return async (c, next) => {
    const asked: VerifyOptions = {
      context: await context?.(c),
      clientAddress: clientAddress?.(c),
      cost: typeof cost === "function" ? cost(c) : cost,
    };
    const request = c.req.raw;
    const decision =
      edge === undefined ? verifier.verify(request, asked) : await edge.verify(request, { ...asked, ctx: ctxOf(c) });
    if (!decision.allowed) return onDenied === undefined ? decision.toResponse() : onDenied(c, decision);
    c.set("key", decision);
    return next();
  };
}

/** The host's context, where there is one: Hono throws where there is none. */
function ctxOf(c: Context): Context["executionCtx"] | undefined {
  try {
    return c.executionCtx;
  } catch {
    return undefined;
  }
}
