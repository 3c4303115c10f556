import { TeleportError } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import { authService } from './connection/services.ts';
import type { PaginatedResource__Output } from './proto/generated/proto/PaginatedResource.ts';

/** As Teleport's own web page asks: more in one expression is slower than several. */
export const BATCH = 256;

/**
 * All resources of these names, of one type as ListResources has it; seen also by the `preview_as_roles` of the service's role, which
 * Teleport then writes into its audit log. Names must need no escaping. Throws TeleportError.
 */
export async function listResources(
  client: TeleportClient,
  { type, names }: { readonly type: string; readonly names: readonly string[] },
  signal: AbortSignal,
): Promise<readonly PaginatedResource__Output[]> {
  const found: PaginatedResource__Output[] = [];
  let key = '';
  do {
    const page = await client.call(
      authService.ListResources,
      {
        ResourceType: type,
        Limit: BATCH,
        StartKey: key,
        PredicateExpression: names.map((name) => `resource.metadata.name == "${name}"`).join(' || '),
        UseSearchAsRoles: true,
        UsePreviewAsRoles: true,
      },
      {
        action: {
          does: `list resources of type ${type}`,
          needs: "the service's user needs to exist and not to be locked",
        },
        signal,
      },
    );
    found.push(...page.Resources);
    if (page.NextKey !== '' && page.NextKey === key) {
      throw new TeleportError('malformed', 'teleport listed the same page of resources twice', {
        transient: true,
      });
    }
    key = page.NextKey;
  } while (key !== '');
  return found;
}
