/**
 * What a Cloudflare Worker says over and over.
 *
 *     export default { fetch: withKey(edge, (request, env, ctx, key) => Response.json({ hello: key.account })) };
 *
 * @module keyward/cloudflare
 */
import type { Allowed } from "./decision.js";
import type { Edge } from "./edge/connect.js";
import type { Context } from "./edge/context.js";
import type { ContextValues } from "./verifier.js";

/** What `withKey` may be told besides. */
export interface WithKeyOptions<R extends Request = Request> {
  /** What the key's constraints are held against, read from the request. */
  readonly context?: ((request: R) => ContextValues | Promise<ContextValues>) | undefined;
}

/** The client's address. Cloudflare sets this header itself on whatever comes from outside. */
export function clientAddress(request: Request): string | null {
  return request.headers.get("cf-connecting-ip");
}

/** A Worker's `fetch` that calls `handler` with the key of requests that the edge allows, and refuses all others. */
export function withKey<Env, Ctx extends Context, R extends Request = Request>(
  edge: Edge,
  handler: (request: R, env: Env, ctx: Ctx, key: Allowed) => Response | Promise<Response>,
  options: WithKeyOptions<R> = {},
): (request: R, env: Env, ctx: Ctx) => Promise<Response> {
  return async (request, env, ctx) => {
    const context = await options.context?.(request);
    const decision = await edge.verify(request, { ctx, context, clientAddress: clientAddress(request) });
    return decision.allowed ? handler(request, env, ctx, decision) : decision.toResponse();
  };
}
