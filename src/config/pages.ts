import type { ConfigFile } from './schema.ts';
import { besides } from './files.ts';
import { secretFromFile, type Secret } from './secret.ts';

/** How readers of the decision pages are known. */
export type PagesSettings =
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'header'; readonly header: string; readonly trustedProxies: readonly string[] };

/** The pages as configured; null for none. A token file named relatively lies beside the configuration. */
export function pagesOf(http: ConfigFile['http'], file: string): PagesSettings | null {
  const pages = http?.pages;
  if (pages === undefined) return null;
  return 'token_file' in pages
    ? { kind: 'token', token: secretFromFile(besides(file, pages.token_file)) }
    : { kind: 'header', header: pages.trusted_user_header, trustedProxies: pages.trusted_proxies };
}
