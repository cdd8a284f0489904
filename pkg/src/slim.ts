/**
 * Keyward for hosts that no other entry knows: the same, around a module that the caller brings.
 *
 * @module keyward/slim
 */
import { connect as connectEdge, type ConnectOptions, type Edge } from "./index.js";
import { init, loadModule } from "./platform/slim.js";

export * from "./index.js";
export { init };

/** An edge for one keyspace. Makes no request: safe at module scope, after `init`. */
export function connect(options: ConnectOptions): Edge {
  // Without a module the edge could only call itself unavailable, request by request.
  loadModule();
  return connectEdge(options);
}
