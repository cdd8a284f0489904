/** What `wrangler.jsonc` binds; `wrangler types` writes the like for a project of yours. */
declare module "cloudflare:workers" {
  export const env: {
    readonly KEYWARD_URL: string;
    readonly KEYWARD_KEYSPACE: string;
    readonly KEYWARD_TOKEN: string;
    readonly KEYWARD_PUBLIC_KEY: string;
  };
}
