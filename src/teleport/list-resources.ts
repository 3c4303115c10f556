import { TeleportError } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import { authService } from './connection/services.ts';
import type { PaginatedResource__Output } from './proto/generated/proto/PaginatedResource.ts';

/** As Teleport's own web page asks: more in one expression is slower than several. */
export const BATCH = 256;
/** What Teleport takes for a page unless told: each is an entry of its audit log. */
const PAGE = 1_000;

type Resource = PaginatedResource__Output;

/**
 * All resources of these names, of one type as ListResources has it; seen also by the `preview_as_roles` of the service's role, which
 * Teleport then writes into its audit log. Names must need no escaping. Throws TeleportError.
 */
export async function listResources(
  client: TeleportClient,
  { type, names }: { readonly type: string; readonly names: readonly string[] },
  signal: AbortSignal,
): Promise<readonly Resource[]> {
  const found: Resource[] = [];
  const predicate = names.map((name) => `resource.metadata.name == "${name}"`).join(' || ');
  for await (const page of pagesOf(client, { type, predicate, limit: BATCH }, signal)) found.push(...page);
  return found;
}

/** The same of all names, page by page. Throws TeleportError. */
export function listAllResources(
  client: TeleportClient,
  type: string,
  signal: AbortSignal,
): AsyncIterable<readonly Resource[]> {
  return pagesOf(client, { type, predicate: '', limit: PAGE }, signal);
}

interface Listing {
  readonly type: string;
  readonly predicate: string;
  readonly limit: number;
}

async function* pagesOf(
  client: TeleportClient,
  { type, predicate, limit }: Listing,
  signal: AbortSignal,
): AsyncGenerator<readonly Resource[]> {
  const action = {
    does: `list resources of type ${type}`,
    needs: "the service's user needs to exist and not to be locked",
  };
  let [key, size] = ['', limit];
  for (;;) {
    const page = await onePage(key, size);
    if (page === null) {
      size = Math.ceil(size / 2);
      continue;
    }
    yield page.Resources;
    if (page.NextKey === '') return;
    if (page.NextKey === key) {
      throw new TeleportError('malformed', 'teleport listed the same page of resources twice', {
        transient: true,
      });
    }
    key = page.NextKey;
  }

  /** Null where it is too long for one message, as Teleport's own clients take it: whoever may write a label may write a long one. */
  async function onePage(StartKey: string, Limit: number) {
    try {
      return await client.call(
        authService.ListResources,
        {
          ...{ ResourceType: type, Limit, StartKey, PredicateExpression: predicate },
          ...{ UseSearchAsRoles: true, UsePreviewAsRoles: true },
        },
        { action, signal },
      );
    } catch (error) {
      if (error instanceof TeleportError && error.kind === 'limited' && Limit > 1) return null;
      throw error;
    }
  }
}
